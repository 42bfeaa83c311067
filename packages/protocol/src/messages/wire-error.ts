import * as v from 'valibot'
import { isErrorCode } from '../error-code.js'
import { MAX_MESSAGE_LENGTH } from '../protocol-error.js'
import { flag, text } from './fields.js'

/** The longest id of an error, in UTF-16 units. */
const MAX_ID_LENGTH = 64

/** An error as a peer tells it. */
export const wireErrorSchema = v.object(
  {
    /** A newer peer may send a code that is not known here. It is taken as `internal`. */
    code: v.pipe(
      text,
      v.transform((code) => (isErrorCode(code) ? code : 'internal')),
    ),
    message: v.pipe(
      text,
      v.maxLength(MAX_MESSAGE_LENGTH, `must have at most ${MAX_MESSAGE_LENGTH} characters`),
    ),
    retryable: flag,
    path: v.optional(text),
    id: v.optional(v.pipe(text, v.maxLength(MAX_ID_LENGTH, `must have at most ${MAX_ID_LENGTH} characters`))),
  },
  'must be an object',
)

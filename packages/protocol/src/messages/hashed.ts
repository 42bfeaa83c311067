import * as v from 'valibot'
import { digest, text } from './fields.js'
import { wireErrorSchema } from './wire-error.js'

export const hashedSchema = v.variant(
  'type',
  [
    v.object({ type: v.literal('digest'), path: text, digest }),
    v.object({ type: v.literal('unreadable'), path: text, error: wireErrorSchema }),
  ],
  'must be digest or unreadable',
)

/**
 * One line of the body of `hash`. `path` is the normal form of the path that was asked for, or that path itself if
 * it has none.
 */
export type Hashed = v.InferOutput<typeof hashedSchema>

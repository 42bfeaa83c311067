import * as v from 'valibot'
import { count, oneOf, shortText, text } from './fields.js'

export const executedSchema = v.variant(
  'type',
  [
    /** `data` is what the program has printed, in base64. */
    v.object({
      type: v.literal('output'),
      stream: oneOf(['stdout', 'stderr']),
      data: v.pipe(text, v.base64('must be base64')),
    }),
    /** The last line. */
    v.object({ type: v.literal('exit'), exitCode: count }),
    v.object({ type: v.literal('killed'), signal: shortText }),
  ],
  'must be output, exit or killed',
)

/** One line of the body of `exec`. */
export type Executed = v.InferOutput<typeof executedSchema>

import * as v from 'valibot'
import { count, text } from './fields.js'
import { wireErrorSchema } from './wire-error.js'

export const usageSchema = v.variant(
  'type',
  [
    v.object({
      type: v.literal('total'),
      path: text,
      /** Bytes in all files, as `ls` tells them. */
      size: count,
      /** Bytes that the files and folders take on the disk. */
      allocated: count,
      /** Files, folders and others, the folder itself included. */
      names: count,
    }),
    /** The folder could not be read, or not to its end. It is missing in the totals. */
    v.object({ type: v.literal('unreadable'), path: text, error: wireErrorSchema }),
  ],
  'must be total or unreadable',
)

/** One line of the body of `du`: the totals of a folder with all that is in it. */
export type Usage = v.InferOutput<typeof usageSchema>

import * as v from 'valibot'
import { byteCount, mode, time } from './fields.js'

export const entryType = v.picklist(['file', 'directory', 'link', 'other'])

export const entrySchema = v.object({
  /** The last name of its path; where the name on disk is not UTF-8, U+FFFD stands for what is wrong. */
  name: v.string(),
  type: entryType,
  /** Bytes. */
  size: byteCount,
  /** Last change of content, in milliseconds since 1970. */
  mtime: time,
  mode,
  /** Where a link points, as stored. */
  target: v.optional(v.string()),
  /** The true name's bytes in base64, only where it is not UTF-8; such an entry can be listed, not reached. */
  rawName: v.optional(v.string()),
})

/** What `ls` and `stat` tell about one name. */
export type Entry = v.InferOutput<typeof entrySchema>

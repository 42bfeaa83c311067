import * as v from 'valibot'
import { count, mode, oneOf, text, time } from './fields.js'

export const entryType = oneOf(['file', 'directory', 'link', 'other'])

/** What `ls` and `stat` tell about one name. It is written out, because documents are made from it. */
export interface Entry {
  /** The last name of the path; empty for the root. U+FFFD stands for bytes that are not UTF-8. */
  name: string
  type: 'file' | 'directory' | 'link' | 'other'
  /** Bytes; the largest count stands for every larger size. */
  size: number
  /** When the content was changed last, in milliseconds since 1970. */
  mtime: number
  /** Permission bits; absent if the place where the files are has none. */
  mode?: number | undefined
  /** The path that is stored in a link. */
  target?: string | undefined
  /** The name's bytes in base64, only if they are not UTF-8. Such an entry can be listed, but no request can name it. */
  rawName?: string | undefined
}

export const entrySchema = v.object({
  name: v.pipe(text, v.check(isName, 'must be a name and not a path')),
  type: entryType,
  size: count,
  mtime: time,
  mode: v.optional(mode),
  target: v.optional(text),
  rawName: v.optional(v.pipe(text, v.base64('must be base64'))),
}) satisfies v.GenericSchema<Entry>

/** A client may join a name to a local folder, so a name must not lead anywhere else. */
function isName(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/\0]/.test(name)
}

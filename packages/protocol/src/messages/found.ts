import * as v from 'valibot'
import { entrySchema } from './entry.js'
import { text } from './fields.js'
import { wireErrorSchema } from './wire-error.js'

const { name: _name, type, ...facts } = entrySchema.entries

/** Names joined by `/`, below the folder that was searched; empty if the search began at something else. */
const relativePath = v.pipe(
  text,
  v.check(isRelativePath, 'must be a path below the folder that was searched'),
)

export const foundSchema = v.variant(
  'type',
  [
    v.object({ path: relativePath, type, ...facts }),
    /** The folder could not be read, or not to its end. The search has gone on behind it. */
    v.object({ path: relativePath, type: v.literal('unreadable'), error: wireErrorSchema }),
  ],
  'must be one of file, directory, link, other, unreadable',
)

/** One line of the body of `find`. */
export type Found = v.InferOutput<typeof foundSchema>

/** A client may join the path to a local folder, so it must not lead anywhere else. */
function isRelativePath(path: string): boolean {
  return path === '' || !/(?:^|\/)\.{0,2}(?:\/|$)|\0/.test(path)
}

import { readlinkSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { FtpError } from '../errors/ftp-error.js'

/** As many as Linux follows. */
const MAX_LINKS = 40

/**
 * The path that writing to `path` would write to: links are followed, also one that leads to a name that does
 * not exist yet. Throws the file system's errors.
 */
export function followLinks(path: string): string {
  let current = path
  for (let followed = 0; followed < MAX_LINKS; followed++) {
    const target = readLink(current)
    if (target === undefined) return current
    // A relative link, and each `..` in it, counts from where the folder really is.
    current = resolve(realpathSync(dirname(current)), target)
  }
  throw new FtpError('local-io', `${path}: its links lead in a circle`, { path })
}

/** Where a link points to; undefined for anything else, and for nothing. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'UNKNOWN') return undefined
    throw error
  }
}

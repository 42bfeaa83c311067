import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { type DigestAlgorithm, ProtocolError } from '@jftp/protocol'
import { FileSource } from '@jftp/transfer'
import { toEntry } from './disk-entry.js'
import { errnoOf } from './disk-error.js'
import type { PathWalk, Place } from './path-walk.js'
import type { Download } from './storage.js'

// Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens the file `path` leads to, through links inside the root. */
export function openDiskDownload(walk: PathWalk, path: string, digest: DigestAlgorithm): Download {
  const fd = openThroughLinks(walk, path)
  try {
    const stat = fstatSync(fd)
    if (stat.isDirectory()) throw new ProtocolError('is-a-directory', 'is a folder', { path })
    if (!stat.isFile()) throw new ProtocolError('unsupported', 'not a regular file', { path })
    const source = new FileSource(fd, digest, stat)
    const close = () => {
      source.close()
      closeSync(fd)
    }
    return { entry: toEntry('', stat, ''), source, close }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Most names are no links: try that first, it saves looking. */
function openThroughLinks(walk: PathWalk, path: string): number {
  try {
    return openIn(walk.parentOf(path))
  } catch (error) {
    if (errnoOf(error) !== 'ELOOP') throw error
    return openIn(walk.targetOf(path))
  }
}

function openIn({ folder, name }: Place): number {
  try {
    return openSync(folder.child(name), READ)
  } finally {
    folder.close()
  }
}

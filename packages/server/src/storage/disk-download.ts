import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { type DigestAlgorithm, ProtocolError } from '@jftp/protocol'
import { FileSource } from '@jftp/transfer'
import { toEntry } from './disk-entry.js'
import type { PathWalk, Place } from './path-walk.js'
import type { Download } from './storage.js'

// O_NONBLOCK, in case somebody puts a named pipe in the file's place just now: opening one would wait for a writer.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens the file `path` leads to, through links inside the root. */
export function openDiskDownload(walk: PathWalk, path: string, digest: DigestAlgorithm): Download {
  const fd = openThroughLinks(walk, path)
  try {
    const stat = fstatSync(fd)
    checkIsFile(stat, path)
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

function openThroughLinks(walk: PathWalk, path: string): number {
  const fd = openIn(walk.parentOf(path), path) ?? openIn(walk.targetOf(path), path)
  if (fd !== undefined) return fd
  throw new ProtocolError('changed', 'what the link leads to was replaced just now; try again', { path })
}

/** Undefined for a link. Looks first, because opening and closing a named pipe would end its writer. */
function openIn({ folder, name }: Place, path: string): number | undefined {
  try {
    const stat = lstatSync(folder.child(name))
    if (stat.isSymbolicLink()) return undefined
    checkIsFile(stat, path)
    return openSync(folder.child(name), READ)
  } finally {
    folder.close()
  }
}

function checkIsFile(stat: Stats, path: string): void {
  if (stat.isDirectory()) throw new ProtocolError('is-a-directory', 'is a folder', { path })
  if (!stat.isFile()) throw new ProtocolError('unsupported', 'not a regular file', { path })
  if (stat.size <= Number.MAX_SAFE_INTEGER) return
  throw new ProtocolError('too-large', 'larger than this protocol can send: 2^53 bytes or more', { path })
}

import type { Stats } from 'node:fs'
import { ProtocolError } from '@jftp/protocol'
import { FtpError, fromProtocolError } from './ftp-error.js'
import type { FtpErrorCode } from './ftp-error-code.js'

const CODES: Readonly<Record<string, readonly [FtpErrorCode, string]>> = {
  ENOENT: ['local-not-found', 'no such file or folder'],
  EACCES: ['local-permission', 'permission denied'],
  EPERM: ['local-permission', 'not permitted'],
  EROFS: ['local-permission', 'the file system is read-only'],
  EISDIR: ['local-is-a-directory', 'it is a folder; name a file'],
  ENOTDIR: ['local-not-a-directory', 'the path leads through something that is no folder'],
  EEXIST: ['local-exists', 'the name is taken'],
  ENOSPC: ['local-no-space', 'the disk is full; free some space and run it again'],
  EDQUOT: ['local-no-space', 'the disk quota is used up'],
  EFBIG: ['local-no-space', 'the file is too large for this disk'],
  ELOOP: ['local-io', 'its links lead in a circle'],
  ENAMETOOLONG: ['local-io', 'the name is too long for this disk'],
  EMFILE: ['local-io', 'too many open files; raise the limit (ulimit -n)'],
}

/** What the file system, a source, a sink or a callback threw, as the caller's error about `path` or its own. */
export function fromLocalError(error: unknown, path: string | undefined): FtpError {
  if (error instanceof FtpError) return error
  if (error instanceof ProtocolError) return fromProtocolError(error, path)
  const { code, message, path: own } = error as NodeJS.ErrnoException
  const [ours, what] = CODES[code ?? ''] ?? (['local-io', message ?? String(error)] as const)
  const about = path ?? own
  return new FtpError(ours, about === undefined ? what : `${about}: ${what}`, { path: about, cause: error })
}

/** A path that must be that of a regular file leads to something else. `fix` says what to do instead. */
export function notAFile(stat: Stats, path: string, fix: string): FtpError {
  if (stat.isDirectory())
    return new FtpError('local-is-a-directory', `${path}: it is a folder; name a file`, { path })
  return new FtpError('local-not-a-file', `${path}: it is a ${kindOf(stat)} and not a regular file; ${fix}`, {
    path,
  })
}

function kindOf(stat: Stats): string {
  if (stat.isFIFO()) return 'named pipe'
  return stat.isSocket() ? 'socket' : 'device'
}

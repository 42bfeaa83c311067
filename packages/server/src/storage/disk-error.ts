import { type ErrorCode, ProtocolError } from '@jftp/protocol'

const known: Record<string, readonly [ErrorCode, string]> = {
  ENOENT: ['not-found', 'no such file or folder'],
  EACCES: ['permission-denied', 'the server may not do that there; check the owner and mode on the server'],
  EPERM: ['permission-denied', 'the server may not do that there; check the owner and mode on the server'],
  EROFS: ['permission-denied', "the server's file system is read-only"],
  EEXIST: ['exists', 'the name is taken'],
  ENOTDIR: ['not-a-directory', 'not a folder'],
  EISDIR: ['is-a-directory', 'is a folder'],
  ENOTEMPTY: ['not-empty', 'the folder is not empty'],
  ENOSPC: ['no-space', "the server's disk is full; nothing was changed"],
  EDQUOT: ['over-quota', "the quota on the server's disk is used up; nothing was changed"],
  EFBIG: ['too-large', "larger than a file may be on the server's disk; nothing was changed"],
  ENAMETOOLONG: ['bad-request', 'the name is too long'],
  EINVAL: ['bad-request', 'the file system refuses that'],
  EILSEQ: ['bad-request', 'the file system refuses that name'],
  ELOOP: ['permission-denied', 'a link leads out of the root, or in circles'],
  EMFILE: ['busy', 'the server has too many files open; try again'],
  ENFILE: ['busy', 'the server has too many files open; try again'],
  EBUSY: ['busy', 'in use on the server; try again'],
  ETXTBSY: ['busy', 'in use on the server; try again'],
  EXDEV: [
    'unsupported',
    'the folder is on another file system than the root; serve it as a root of its own to write there',
  ],
  ENXIO: ['unsupported', 'not a regular file'],
}

/**
 * What a client is told about an error of the disk: code, cause and fix, with the remote path and without any
 * path of the server. An error that is not in the table becomes `io-error`; its cause is kept for the log.
 */
export function toProtocolError(error: unknown, path?: string): ProtocolError {
  if (error instanceof ProtocolError) return error.path === undefined ? withPath(error, path) : error
  const code = errnoOf(error)
  const where = path === undefined ? {} : { path }
  if (code === undefined) {
    return new ProtocolError('internal', 'a defect in the server; its log has the cause', {
      ...where,
      cause: error,
    })
  }
  const [wireCode, message] = known[code] ?? [
    'io-error',
    `the server's disk failed (${code}); its log has more`,
  ]
  return new ProtocolError(wireCode, message, { ...where, cause: error })
}

function withPath({ code, message, cause }: ProtocolError, path: string | undefined): ProtocolError {
  return new ProtocolError(code, message, path === undefined ? { cause } : { cause, path })
}

/** The refusal to replace or change a named pipe, a socket or a device. */
export function special(path: string): ProtocolError {
  const message = 'a named pipe, a socket or a device has this name, and only its owner should change it'
  return new ProtocolError('unsupported', message, { path })
}

export function taken(path: string): ProtocolError {
  return new ProtocolError('exists', 'the name is taken', { path })
}

/** The code of a system error, for example `ENOENT`; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { parseFingerprint } from './fingerprint.js'

/** A certificate that was accepted before, and the line that says so. */
export interface KnownHost {
  readonly fingerprint: string
  readonly line: number
}

/**
 * Looks up the certificates that were accepted for `address`, which is `host:port`. Each line of the file holds one:
 * `host:port sha256:…`. Empty lines and those that begin with `#` mean nothing. It is an error if others may change the file,
 * because then they could vouch for any server.
 */
export function readKnownHosts(path: string, address: string): KnownHost[] {
  return readPrivate(path)
    .split('\n')
    .flatMap((text, index) => {
      const [name = '', print = '', ...more] = text.trim().split(/\s+/)
      if (name === '' || name.startsWith('#')) return []
      const fingerprint = parseFingerprint(print)
      if (fingerprint === undefined || more.length > 0) {
        throw new FtpError(
          'local-io',
          `line ${index + 1} of ${path} is malformed; it should be HOST:PORT sha256:HEX: correct or remove it`,
          { path },
        )
      }
      return name.toLowerCase() === address ? [{ fingerprint, line: index + 1 }] : []
    })
}

/**
 * Adds a line to the file, which is made if there is none. Several programs may do that at once: each line is one write
 * at the end of the file, so no reader sees a part of it and none is lost.
 */
export function rememberHost(path: string, address: string, fingerprint: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const content = readPrivate(path)
    const gap = content === '' || content.endsWith('\n') ? '' : '\n'
    const file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600)
    try {
      writeSync(file, `${gap}${address} ${fingerprint}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw fromLocalError(error, path)
  }
}

function readPrivate(path: string): string {
  try {
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stat = fstatSync(file)
      if (!stat.isFile())
        throw new FtpError('local-not-a-file', `${path}: it is no regular file; remove it`, { path })
      if (process.platform !== 'win32' && (stat.mode & 0o022) !== 0) {
        throw new FtpError(
          'local-permission',
          `others may change ${path}, and with it which servers are trusted; run: chmod 600 ${path}`,
          { path },
        )
      }
      return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw fromLocalError(error, path)
  }
}

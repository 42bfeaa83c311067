import { type ErrorEvent, FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'

/** The path `/` in a message. */
const ROOT = /(?:^|\s)\/(?:[:;,\s]|$)/

/** What failed, in one line that is safe for a terminal: `path: cause; fix`. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error))
  const path = error instanceof FtpError ? error.path : undefined
  const message = error.message === '' ? error.name : error.message
  const isTold = path === undefined || (path === '/' ? ROOT.test(message) : message.includes(path))
  return printable(`${isTold ? message : `${path}: ${message}`}${requestOf(error)}`)
}

/** For errors that only the server's operator can do something about: what to look for in its log. */
function requestOf(error: Error): string {
  if (!(error instanceof FtpError) || (error.code !== 'internal' && error.code !== 'io-error')) return ''
  return error.id === undefined ? '' : ` (request ${error.id})`
}

/** What was behind a failure, as lines that say more than the one that `describe` gives. */
export function causesOf(error: unknown): string[] {
  const said = [describe(error)]
  for (
    let cause = error instanceof Error ? error.cause : undefined;
    cause instanceof Error;
    cause = cause.cause
  ) {
    const message = printable(cause.message)
    if (!said.some((line) => line.includes(message))) said.push(message)
  }
  return said.slice(1)
}

/** What the server's log calls the request that failed; undefined if the server did not fail it. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof FtpError && error.id !== undefined ? printable(error.id) : undefined
}

/** What failed, for a program. */
export function errorEvent(error: unknown): ErrorEvent {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof FtpError)) {
    return { v: 1, event: 'error', code: 'internal', message, retryable: false }
  }
  const { code, retryable, path, id, fingerprint } = error
  const about = {
    ...(path === undefined ? {} : { path }),
    ...(id === undefined ? {} : { id }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  }
  return { v: 1, event: 'error', code, message, retryable, ...about }
}

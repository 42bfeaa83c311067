import type { ProtocolError } from '@jftp/protocol'
import { FtpError, fromProtocolError } from './ftp-error.js'
import { tlsError } from './tls-error.js'

/** Why a connection ended that nobody ended on purpose. `cause` is undefined if the server just ended it. */
export function lost(
  state: 'connecting' | 'securing' | 'connected' | 'greeted' | 'closed',
  host: string,
  address: string,
  cause?: unknown,
): FtpError {
  if (state === 'connecting') return connectError(cause, host, address)
  if (state === 'securing') return tlsError(cause, address)
  return state === 'connected' ? noGreeting(cause, address) : lostConnection(cause, address)
}

/** Why a host could not be reached, with the fix. `address` is `host:port`. */
function connectError(cause: unknown, host: string, address: string): FtpError {
  const code = errorCode(cause)
  switch (code) {
    case 'ENOTFOUND':
      return new FtpError('unknown-host', `cannot find the host ${host}; check its name`, { cause })
    case 'EAI_AGAIN':
      return new FtpError('unknown-host', `cannot look up the host ${host}: the name service is out`, {
        cause,
      })
    case 'ECONNREFUSED':
      return new FtpError(
        'connection-refused',
        `cannot reach ${address}: connection refused; is ftpd running there? (start it with: ftpd ROOT)`,
        { cause },
      )
    case 'ENOENT':
      return new FtpError(
        'connection-refused',
        `there is no socket ${address}; is ftpd running there? (start it with: ftpd --unix ${address})`,
        { cause },
      )
    case 'EACCES':
      return new FtpError(
        'unreachable',
        `may not connect to ${address}; check the owner and mode of the socket`,
        {
          cause,
        },
      )
    case 'ECONNRESET':
    case 'EPIPE':
      return lostConnection(cause, address)
    default:
      return new FtpError(
        'unreachable',
        `cannot reach ${address}: ${code ?? String(cause)}; check the network`,
        {
          cause,
        },
      )
  }
}

/** Something accepted the connection and ended it before it said anything. */
function noGreeting(cause: unknown, address: string): FtpError {
  return new FtpError(
    'connection-lost',
    `${address} ended the connection without a word; it may be no jftp server, or it is restarting`,
    { cause },
  )
}

/** The connection was made and is gone. `cause` is undefined if the server just ended it. */
function lostConnection(cause: unknown, address: string): FtpError {
  const how = cause === undefined ? 'the server ended it' : (errorCode(cause) ?? String(cause))
  return new FtpError('connection-lost', `the connection to ${address} was lost (${how})`, { cause })
}

/** The server said BYE; `error` is its reason, if it gave one. */
export function dismissed(address: string, error: ProtocolError | undefined): FtpError {
  if (error === undefined) return lostConnection(undefined, address)
  const { code } = fromProtocolError(error)
  return new FtpError(code, `${address} ended the connection: ${error.message}`, { cause: error })
}

/** The server sent something that no server may send. */
export function brokenProtocol(address: string, cause: ProtocolError): FtpError {
  return new FtpError('protocol-error', `${address} broke the protocol: ${cause.message}`, { cause })
}

/** Somebody on this side ended the connection. */
export function closedHere(): FtpError {
  return new FtpError('closed', 'the connection was closed on this side')
}

/** The server owes something and has not moved for `ms`. */
export function stalled(address: string, awaited: string, ms: number): FtpError {
  const message = `${address} has stalled: waited ${ms} ms for ${awaited}; the server may be stuck, or the network down`
  return new FtpError('timeout', message)
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  // If several addresses were tried, this is an AggregateError, and its first failure is that of the preferred one.
  const { code, errors } = error as { code?: unknown; errors?: unknown[] }
  if (typeof code === 'string') return code
  return Array.isArray(errors) ? errorCode(errors[0]) : undefined
}

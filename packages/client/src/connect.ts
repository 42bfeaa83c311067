import { connect as openSocket } from 'node:net'
import type { ConnectOptions } from './call-options.js'
import { FtpClient } from './client.js'
import { Connection } from './connection.js'
import { FtpError } from './ftp-error.js'
import { formatRemoteUrl, parseRemoteUrl } from './remote-url.js'

/** Milliseconds a server may take to accept, greet and log in. */
const DEFAULT_TIMEOUT = 10_000

/** An idle connection is probed by the system after this many ms, so that a vanished server is noticed. */
const KEEP_ALIVE = 60_000

/**
 * Connects to `jftp://[user@]host[:9021]` and logs in; a path in the URL is ignored.
 *
 *     await using client = await connect('jftp://files.example')
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<FtpClient> {
  const { host, port, user } = parseRemoteUrl(String(url))
  const { signal, timeout = DEFAULT_TIMEOUT, digest = 'md5' } = options
  if (signal?.aborted) throw cancelled(signal)
  const socket = openSocket({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE })
  const connection = new Connection(socket, { host, port, digest, user: options.user ?? user ?? 'anonymous' })
  const timer = setTimeout(() => connection.abort(late(connection.place, timeout)), timeout)
  const stop = () => connection.abort(cancelled(signal))
  signal?.addEventListener('abort', stop)
  try {
    const login = await connection.ready
    return new FtpClient(connection, new URL(formatRemoteUrl({ host, port, path: '' })), login)
  } catch (error) {
    const reason = connection.reason ?? (error as FtpError)
    connection.abort(reason)
    throw reason
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function late(place: string, timeout: number): FtpError {
  return new FtpError(
    'timeout',
    `${place} did not answer within ${timeout} ms; is it a jftp server, and is the network up?`,
  )
}

function cancelled(signal: AbortSignal | undefined): FtpError {
  return new FtpError('cancelled', 'cancelled while connecting', { cause: signal?.reason })
}

import { RateLimit } from '@jftp/transfer'
import type { ConnectOptions } from './call-options.js'
import { checkOptions, show } from './checked-arguments.js'
import { FtpClient } from './client.js'
import { Connection } from './connection/connection.js'
import { readCredentials } from './connection/credentials.js'
import { FtpError } from './errors/ftp-error.js'
import { formatHostAndPort, formatRemoteUrl, parseRemoteUrl, type Scheme } from './remote-url.js'
import { ConnectionLink } from './retry/connection-link.js'
import { RetryPolicy } from './retry/retry-policy.js'
import { parseFingerprint } from './trust/fingerprint.js'
import { ServerTrust, type TrustOptions } from './trust/server-trust.js'

/** Milliseconds a server may take to accept, greet and log in. */
const DEFAULT_TIMEOUT = 10_000

/** Milliseconds in which something has to move after the login. To sync a disk can take long. */
const DEFAULT_STALL_TIMEOUT = 60_000

/**
 * Connects to `jftp://[user@]host[:port]`, or `jftps:` for TLS, and logs in; `host`, `host:port` and `[::1]:port` will do as well. A path
 * in the URL is ignored.
 *
 *     await using client = await connect('jftp://files.example')
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<FtpClient> {
  const client = open(url, options)
  await client.ready
  return client
}

/**
 * Like `connect`, but does not wait. Calls may be made at once and are sent together with the login, which saves a
 * round trip. They fail if the login does. Throws `usage` for a malformed URL or option.
 */
export function open(url: string | URL, options: ConnectOptions = {}): FtpClient {
  checkOptions('connect', options)
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new FtpError('usage', `the server is named by a string or a URL, not ${show(url)}`)
  }
  const server = parseRemoteUrl(String(url))
  const { scheme, host, port } = server
  const address = formatHostAndPort({ host, port })
  const trusted = trustOptions(options, scheme)
  const { digest = 'md5', timeout: stallTimeout = DEFAULT_STALL_TIMEOUT, limitRate } = options
  const limit = typeof limitRate === 'number' ? new RateLimit(limitRate) : limitRate
  const settings = {
    host,
    port,
    digest,
    stallTimeout,
    limitRate: limit,
    ...readCredentials(options, server),
  }
  let { signal } = options
  const dial = () => {
    // What was remembered may have changed since the last connection.
    const trust = trusted && new ServerTrust(host, address, trusted)
    const connection = new Connection({ ...settings, trust })
    const login = admission(connection, { signal, timeout: options.timeout })
    // The signal is for the first connection only.
    signal = undefined
    return { connection, login }
  }
  const link = new ConnectionLink(dial, options.retry && new RetryPolicy(options.retry))
  const client = new FtpClient(link, new URL(formatRemoteUrl({ scheme, host, port, path: '' })), () =>
    // What the connections of one tree move counts together.
    open(url, { ...options, limitRate: link.connection.limitRate }),
  )
  // Whoever does not wait for it hears of a failure from the calls that fail.
  client.ready.catch(() => {})
  return client
}

/** Undefined for a connection without TLS. Throws `usage` if options do not fit. */
function trustOptions({ pin, ca, knownHosts }: ConnectOptions, scheme: Scheme): TrustOptions | undefined {
  if (scheme === 'jftp') {
    if (pin === undefined && ca === undefined) return undefined
    throw new FtpError(
      'usage',
      `${pin === undefined ? 'ca (--ca)' : 'pin (--pin, $FTP_PIN)'} is about the certificate of a server, and jftp: has none; write jftps:`,
    )
  }
  return { pin: pin === undefined ? undefined : parseFingerprint(pin), ca, knownHosts }
}

/** Resolves when the login is done. Ends the connection if that takes too long. */
async function admission(
  connection: Connection,
  { signal, timeout = DEFAULT_TIMEOUT }: Pick<ConnectOptions, 'signal' | 'timeout'>,
): Promise<{ user: string; home: string }> {
  // If this process was busy, what came meanwhile is read before the server is judged.
  const timer = setTimeout(() => setImmediate(giveUp), timeout)
  const stop = () => connection.abort(cancelled(signal))
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  let isReady = false
  function giveUp(): void {
    if (!isReady) connection.abort(late(connection.address, timeout))
  }
  try {
    const login = await connection.ready
    isReady = true
    return login
  } catch (error) {
    connection.abort(error as FtpError)
    throw connection.reason ?? error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function late(address: string, timeout: number): FtpError {
  return new FtpError(
    'timeout',
    `${address} did not answer within ${timeout} ms; check that it is a jftp server and that the network is up`,
  )
}

function cancelled(signal: AbortSignal | undefined): FtpError {
  return new FtpError('cancelled', 'cancelled while connecting', { cause: signal?.reason })
}

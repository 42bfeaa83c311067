import { FtpError } from './ftp-error.js'

/** Why the TLS handshake failed. `address` is `host:port`. `cause` is undefined if the server just ended the connection. */
export function tlsError(cause: unknown, address: string): FtpError {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException
  if (NO_TLS.includes(code)) {
    return new FtpError(
      'not-jftp',
      `${address} does not speak TLS; start ftpd there with --tls auto, or, if you trust everybody on the way, write jftp:// instead of jftps://`,
      { cause },
    )
  }
  if (code.includes('NO_APPLICATION_PROTOCOL')) {
    return new FtpError('not-jftp', `${address} speaks TLS, but not jftp; check the port`, { cause })
  }
  if (/^ERR_SSL|^EPROTO$/.test(code)) {
    const reason =
      cause instanceof Error ? cause.message.replace(/^.*?:SSL routines:[^:]*:/s, '').split(':')[0] : code
    return new FtpError(
      'not-jftp',
      `the TLS handshake with ${address} failed (${reason?.trim()}); it must have TLS 1.2 or later`,
      { cause },
    )
  }
  return new FtpError(
    'connection-lost',
    `${address} ended the connection during the TLS handshake (${code || 'without a word'}); it may be no jftp server, or it is restarting`,
    { cause },
  )
}

/** What came was no TLS. */
const NO_TLS: readonly string[] = [
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_RECORD_LAYER_FAILURE',
]

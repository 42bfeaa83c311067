import { ProtocolError } from '@jftp/protocol'
import type { Deadlines } from '../session/deadline.js'

/** Why a TLS handshake failed. */
export interface HandshakeFault {
  readonly error: ProtocolError
  /** Whether the client speaks no TLS, so that an answer without TLS can be read. */
  readonly isPlain: boolean
}

export function handshakeFault(cause: Error, { loginMs }: Deadlines): HandshakeFault {
  const { code = '', reason } = cause as Error & { code?: string; reason?: string }
  if (NO_TLS.includes(code)) {
    const message = 'this server speaks jftp only through TLS; write jftps:// instead of jftp://'
    return { error: new ProtocolError('protocol-error', message), isPlain: true }
  }
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
    const message = `no TLS handshake within ${loginMs / 1000} s`
    return { error: new ProtocolError('timeout', message), isPlain: false }
  }
  const why = code === 'ECONNRESET' ? 'the client ended the connection' : (reason ?? (code || cause.message))
  const message = `the TLS handshake failed: ${why}`
  return { error: new ProtocolError('protocol-error', message), isPlain: false }
}

/** What came was no TLS. */
const NO_TLS: readonly string[] = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST']

import type { Duplex } from 'node:stream'
import type { PeerCertificate } from 'node:tls'

/**
 * `request` of a stream handler, in all server classes: a connection with the addresses and settings of Node's
 * sockets. The addresses are `undefined` on Unix sockets.
 */
export interface StreamRequest extends Duplex {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  setNoDelay(noDelay?: boolean): this
  setKeepAlive(enable?: boolean, initialDelay?: number): this
  /** Emits `timeout` after that many milliseconds without a byte in either direction. */
  setTimeout(timeout: number, callback?: () => void): this
}

/** `request` of a stream handler whose server speaks TLS. */
export interface SecureRequest extends StreamRequest {
  readonly encrypted: true
  /** Whether the client's certificate was checked and is valid; see `requestCert` of `tls.createServer`. */
  readonly authorized: boolean
  readonly authorizationError?: Error | string | null | undefined
  readonly alpnProtocol: string | false | null
  readonly servername?: string | false | null
  getPeerCertificate(): PeerCertificate | object
  getProtocol(): string | null
}

import { isIP } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { FtpError } from '../errors/ftp-error.js'
import { type KnownHost, readKnownHosts } from './known-hosts.js'
import { systemAuthorities } from './system-authorities.js'

/** The name of the protocol in the TLS handshake (ALPN). */
const ALPN = 'jftp/1'

/** What tells a server from an impostor. */
export interface TrustOptions {
  /** The SHA-256 of the only certificate that is accepted, as `parseFingerprint` gives it. */
  readonly pin: string | undefined
  /** The only authorities that may vouch for the server, as PEM. */
  readonly ca: string | Uint8Array | undefined
  /** The path of a file with certificates that were accepted before. */
  readonly knownHosts: string | undefined
}

/**
 * Decides whether a server is who it should be. A pin alone decides if there is one, and so do authorities that were named. Else
 * a certificate that was accepted before must be the same one; and if there was none, an authority that the system trusts
 * must vouch for the certificate and the host's name.
 */
export class ServerTrust {
  readonly #host: string
  readonly #address: string
  readonly #options: TrustOptions
  readonly #known: readonly KnownHost[]
  #fingerprint: string | undefined

  /** `address` is `host:port`. Throws if the file with the known hosts can't be used. */
  constructor(host: string, address: string, options: TrustOptions) {
    const { pin, ca, knownHosts } = options
    this.#host = host
    this.#address = address
    this.#options = options
    const isAsked = knownHosts !== undefined && pin === undefined && ca === undefined
    this.#known = isAsked ? readKnownHosts(knownHosts, address) : []
  }

  /** For `tls.connect`. Whether the certificate is accepted is decided by `check` afterwards. */
  get tlsOptions(): ConnectionOptions {
    return {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNProtocols: [ALPN],
      // An address is no name that a server could choose its certificate by.
      ...(isIP(this.#host) === 0 ? { servername: this.#host } : {}),
      ...this.#authorities,
    }
  }

  /** The fingerprint of the certificate that was accepted. */
  get fingerprint(): string | undefined {
    return this.#fingerprint
  }

  /** Throws unless the server is the right one. Nothing may be sent before. */
  check(socket: TLSSocket): void {
    if (socket.alpnProtocol !== ALPN) {
      throw new FtpError(
        'not-jftp',
        `${this.#address} speaks TLS, but not jftp (it does not agree on ${ALPN}); check the port`,
      )
    }
    const digits = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
    const shown = `sha256:${digits.replaceAll(':', '').toLowerCase()}`
    const { pin, ca } = this.#options
    if (pin !== undefined) {
      if (shown !== pin) throw this.#notPinned(shown, pin)
    } else if (ca !== undefined) {
      if (!socket.authorized) throw this.#notVouchedFor(socket, shown)
    } else if (this.#known.length > 0) {
      if (!this.#known.some(({ fingerprint }) => fingerprint === shown)) throw this.#changed(shown)
    } else if (!socket.authorized) throw this.#unknown(socket, shown)
    this.#fingerprint = shown
  }

  /** They take time to load, so they are loaded only if they may decide. */
  get #authorities(): { ca?: string | Buffer | (string | Buffer)[] } {
    const { pin, ca } = this.#options
    if (pin !== undefined || this.#known.length > 0) return { ca: [] }
    if (ca !== undefined) return { ca: typeof ca === 'string' ? ca : Buffer.from(ca) }
    const system = systemAuthorities(process.env)
    return system === undefined ? {} : { ca: system }
  }

  #notPinned(shown: string, pin: string): FtpError {
    return new FtpError(
      'certificate-changed',
      `${this.#address} is not the server that was pinned: its certificate has the fingerprint ${shown}, and the pin is ${pin}; somebody may be in between, or the server has a new certificate: ask its operator, and if that is so, pin the new one`,
      { fingerprint: shown },
    )
  }

  #notVouchedFor(socket: TLSSocket, shown: string): FtpError {
    return new FtpError(
      'unknown-certificate',
      `the authorities that were named (--ca) do not vouch for ${this.#address}: ${reasonOf(socket)}; name those that have signed its certificate, or pin it: --pin ${shown}`,
      { fingerprint: shown },
    )
  }

  #changed(shown: string): FtpError {
    const before = this.#known.map(({ fingerprint }) => fingerprint).join(' or ')
    const lines = this.#known.map(({ line }) => line).join(', ')
    return new FtpError(
      'certificate-changed',
      `the certificate of ${this.#address} has changed: its fingerprint was ${before} and is now ${shown}; somebody may be in between, so ask the server's operator ("ftpd fingerprint" prints it there), and if the change was intended, remove line ${lines} of ${this.#options.knownHosts} and connect again`,
      { fingerprint: shown },
    )
  }

  #unknown(socket: TLSSocket, shown: string): FtpError {
    return new FtpError(
      'unknown-certificate',
      `nothing vouches for the certificate of ${this.#address} (${reasonOf(socket)}); compare its fingerprint with what "ftpd fingerprint" prints on the server, and if it is the same, add: --pin ${shown}`,
      { fingerprint: shown },
    )
  }
}

/** Node's types say that this is an Error, but it is the code of one. */
function reasonOf({ authorizationError }: TLSSocket): string {
  const code = String(authorizationError)
  return REASONS[code] ?? code
}

const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'an authority that the system does not know has signed it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'an authority that the system does not know has signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificates between it and its authority are missing',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host name',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet; is the clock right?',
}

import { Server, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Reloadable } from '../reload.js'
import { type Certificate, fingerprintOf, loadCertificate } from './certificate.js'
import type { CertificateSettings } from './tls-settings.js'

/** The name of the protocol in the TLS handshake (ALPN). It does not change with the version in the HELLO. */
const ALPN = 'jftp/1'

/** AES-128 in front, because it is the fastest where the processor has instructions for it; then Node's own order. */
const CIPHERS =
  'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20'

/** What a server needs to speak TLS. Sessions go on with their keys when the certificate is replaced. */
export class TlsEndpoint implements Reloadable {
  readonly #settings: CertificateSettings
  #certificate: Certificate
  #server: unknown

  private constructor(settings: CertificateSettings, certificate: Certificate) {
    this.#settings = settings
    this.#certificate = certificate
  }

  /** Throws UsageError if the certificate can't be used. */
  static async open(settings: CertificateSettings): Promise<TlsEndpoint> {
    return new TlsEndpoint(settings, await loadCertificate(settings))
  }

  get certificate(): Certificate {
    return this.#certificate
  }

  options(): TlsOptions {
    return { ...contextOf(this.#certificate), ALPNProtocols: [ALPN] }
  }

  /** The fingerprint of the certificate that a client was shown, which is not the present one if that came later. */
  fingerprintShownTo(client: TLSSocket): string {
    const certificate = client.getX509Certificate()
    // Whatever happens, a client with TLS is not taken for one without.
    return certificate === undefined ? 'unknown' : fingerprintOf(certificate)
  }

  /** The listening socket that gets a new certificate. */
  serve(server: unknown): void {
    this.#server = server
  }

  async prepareReload(): Promise<() => void> {
    const certificate = await loadCertificate(this.#settings)
    return () => {
      this.#certificate = certificate
      if (this.#server instanceof Server) this.#server.setSecureContext(contextOf(certificate))
    }
  }
}

function contextOf({ cert, key }: Certificate): TlsOptions {
  return { cert, key, minVersion: 'TLSv1.2', ciphers: CIPHERS, honorCipherOrder: true }
}

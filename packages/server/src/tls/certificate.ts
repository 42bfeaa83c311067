import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { UsageError } from '../usage-error.js'
import { readOrMakeCertificate } from './kept-certificate.js'
import type { CertificateSettings } from './tls-settings.js'

/** A certificate with its key, both as PEM, checked to belong together. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** `sha256:` and the SHA-256 of the certificate in hex, as clients pin it. */
  readonly fingerprint: string
  /** The file that names the certificate in messages. */
  readonly file: string
}

/** Reads the certificate, or makes it if it is self-signed and does not exist yet. Throws UsageError. */
export async function loadCertificate(settings: CertificateSettings): Promise<Certificate> {
  if (settings.type === 'auto') {
    const pem = await readOrMakeCertificate(settings.file)
    return checked({ cert: pem, key: pem }, settings.file, settings.file, REMOVE_TO_RENEW)
  }
  const { cert, key } = settings
  return checked({ cert: await readPem(cert), key: await readPem(key) }, cert, key, 'get a new one')
}

const REMOVE_TO_RENEW =
  'remove the file to have a new one made; clients that know the old one will then be asked to accept the new one'

/** As clients pin it. */
export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`
}

function checked(
  pem: Pick<Certificate, 'cert' | 'key'>,
  certFile: string,
  keyFile: string,
  renewal: string,
): Certificate {
  const x509 = parse(certFile, 'certificate', renewal, () => new X509Certificate(pem.cert))
  const key = parse(keyFile, 'private key', renewal, () => createPrivateKey(pem.key))
  if (!x509.checkPrivateKey(key)) {
    throw new UsageError(
      `the private key in ${keyFile} does not belong to the certificate in ${certFile}; name the key that the certificate was made for`,
    )
  }
  // Of a chain only the first certificate was parsed.
  parse(certFile, 'certificate', renewal, () => createSecureContext(pem))
  if (Date.parse(x509.validTo) < Date.now()) {
    throw new UsageError(`the certificate in ${certFile} expired on ${x509.validTo}; ${renewal}`)
  }
  return { ...pem, fingerprint: fingerprintOf(x509), file: certFile }
}

function parse<T>(file: string, what: string, fix: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    if (code === 'ERR_MISSING_PASSPHRASE') {
      throw new UsageError(
        `the ${what} in ${file} is encrypted; store it without a passphrase and with mode 0600`,
      )
    }
    throw new UsageError(`${file} holds no usable ${what} in PEM format (${message}); ${fix}`)
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT') throw new UsageError(`--tls: the file ${file} does not exist`)
    throw new UsageError(`--tls: can't read ${file} (${code}); check its owner and mode`)
  }
}

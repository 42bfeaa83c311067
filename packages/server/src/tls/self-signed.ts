// The library for certificates needs this to be loaded before it.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { hostname } from 'node:os'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** RFC 5280 gives this date to certificates that do not expire. Clients pin the certificate, so its age says nothing. */
const NEVER = new Date('9999-12-31T23:59:59Z')

/** A new key and a certificate for this host that it signs itself, as one PEM text. */
export async function makeSelfSigned(): Promise<string> {
  const { subtle } = webcrypto
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=jftp',
    // The clock of a client may be behind.
    notBefore: new Date(Date.now() - DAY),
    notAfter: NEVER,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([
        ...hostNames().map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  })
  const key = PemConverter.encode(await subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return `${key}\n${certificate.toString('pem')}\n`
}

const DAY = 86_400_000

/** The host's own name too, unless it can't stand in a certificate. */
function hostNames(): string[] {
  const own = hostname()
  return [...new Set(['localhost', ...(/^[A-Za-z0-9.-]{1,253}$/.test(own) ? [own] : [])])]
}

import { readFileSync } from 'node:fs'

/** Where Linux distributions, BSDs and macOS keep the certificates of all authorities that the system trusts. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * The authorities that the system trusts, as PEM, with those of NODE_EXTRA_CA_CERTS. `SSL_CERT_FILE` names another
 * bundle, as for OpenSSL and curl. Undefined if there is no bundle; Node's own list has NODE_EXTRA_CA_CERTS in it.
 */
export function systemAuthorities(env: NodeJS.ProcessEnv): string[] | undefined {
  const { SSL_CERT_FILE: named, NODE_EXTRA_CA_CERTS: extra } = env
  const bundle = named ? read(named) : BUNDLES.map(read).find((text) => text !== undefined)
  if (bundle === undefined) return undefined
  const more = extra ? read(extra) : undefined
  return more === undefined ? [bundle] : [bundle, more]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

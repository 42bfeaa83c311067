import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../usage-error.js'

/** Whether there is TLS, and where the certificate comes from. */
export type TlsSettings = { readonly type: 'off' } | CertificateSettings

export type CertificateSettings =
  /** A self-signed certificate, which is made if the file does not exist. The file holds its key too. */
  | { readonly type: 'auto'; readonly file: string }
  | { readonly type: 'files'; readonly cert: string; readonly key: string }

/** Reads `off`, `auto` or `CERT,KEY`. Throws UsageError. */
export function readTlsSettings(text: string, env: NodeJS.ProcessEnv): TlsSettings {
  if (text === 'off') return { type: 'off' }
  if (text === 'auto') return { type: 'auto', file: keptCertificateFile(env) }
  const [cert = '', key = '', ...more] = text.split(',')
  if (cert !== '' && key !== '' && more.length === 0) return { type: 'files', cert, key }
  throw new UsageError(
    `--tls ${text}: choose off, auto, or the files of a certificate and its key: CERT,KEY, for instance /etc/jftp/cert.pem,/etc/jftp/key.pem`,
  )
}

function keptCertificateFile(env: NodeJS.ProcessEnv): string {
  const state = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(state, 'jftp', 'certificate.pem')
}

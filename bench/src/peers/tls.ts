import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { programOf } from './ftpd.js'

/** A self-signed certificate: how ftpd is told to use it, and how a client knows it. */
export interface Certificate {
  /** Options of ftpd. */
  readonly options: readonly string[]
  readonly pin: string
}

/** Makes one in a folder; the second call there returns the same one. */
export function makeCertificate(folder: string): Certificate {
  const env = { ...process.env, XDG_STATE_HOME: folder }
  const pin = execFileSync(process.execPath, [programOf('ftpd'), 'fingerprint'], { env, encoding: 'utf8' })
  const pem = join(folder, 'jftp', 'certificate.pem')
  return { options: ['--tls', `${pem},${pem}`], pin: pin.trim() }
}

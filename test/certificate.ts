import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ftpd } from './users.js'

/** A self-signed certificate for this machine, made by the real `ftpd` in a state folder of its own. */
export class TestCertificate {
  /** The state folder of an `ftpd` that uses this certificate with `--tls auto`. */
  readonly state: string
  /** The certificate and its key. */
  readonly file: string
  readonly fingerprint: string

  private constructor(state: string, fingerprint: string) {
    this.state = state
    this.file = join(state, 'jftp', 'certificate.pem')
    this.fingerprint = fingerprint
  }

  static async make(state: string): Promise<TestCertificate> {
    mkdirSync(state, { recursive: true })
    const { exitCode, stdout, stderr } = await ftpd(['fingerprint'], { env: { XDG_STATE_HOME: state } })
    if (exitCode !== 0) throw new Error(stderr)
    return new TestCertificate(state, stdout.trim())
  }

  /** What a daemon has to be started with. */
  get args(): string[] {
    return ['--tls', `${this.file},${this.file}`]
  }
}

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LoginStatement, loginStatementText, SshReader } from '@jftp/protocol'

/** Whether OpenSSH is there, which makes keys and signs independently of jftp. */
export const hasOpenSsh = spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' }).error === undefined

export interface KeyOptions {
  readonly type?: 'ed25519' | 'rsa' | 'ecdsa'
  readonly bits?: number
  readonly passphrase?: string
  /** `PEM` and `PKCS8` instead of OpenSSH's own format. */
  readonly format?: 'PEM' | 'PKCS8'
}

/** A key made by ssh-keygen: two files, and a comment that is its name. */
export class SshKeyPair {
  readonly name: string
  /** The private key; `.pub` follows in the name of the public one. */
  readonly file: string

  constructor(
    folder: string,
    name: string,
    { type = 'ed25519', bits, passphrase = '', format }: KeyOptions = {},
  ) {
    this.name = name
    this.file = join(folder, name)
    const size = bits === undefined ? [] : ['-b', String(bits)]
    const written = format === undefined ? [] : ['-m', format]
    const args = ['-q', '-t', type, ...size, ...written, '-N', passphrase, '-C', name, '-f', this.file]
    execFileSync('ssh-keygen', args)
  }

  get publicFile(): string {
    return `${this.file}.pub`
  }

  /** The public key in base64. */
  get base64(): string {
    return readFileSync(this.publicFile, 'utf8').split(' ')[1] ?? ''
  }

  /** As `ssh-keygen -l` prints it. */
  get fingerprint(): string {
    return execFileSync('ssh-keygen', ['-lf', this.publicFile], { encoding: 'utf8' }).split(' ')[1] ?? ''
  }

  /** What a client sends for this key, signed by `ssh-keygen -Y sign`. */
  signedKey(statement: Omit<LoginStatement, 'key'>): { key: string; signature: string } {
    const key = Buffer.from(this.base64, 'base64')
    return { key: this.base64, signature: this.sign(loginStatementText({ ...statement, key }), 'jftp-login') }
  }

  /** The signature in base64. */
  sign(text: string, namespace: string): string {
    const args = ['-Y', 'sign', '-f', this.file, '-n', namespace]
    const armored = execFileSync('ssh-keygen', args, { input: text, encoding: 'utf8', stdio: 'pipe' })
    const reader = new SshReader(Buffer.from(armored.replace(/-----.*-----/g, ''), 'base64'))
    reader.bytes('SSHSIG'.length)
    reader.uint32()
    for (const _ of ['key', 'namespace', 'reserved', 'hash']) reader.string()
    return reader.string().toString('base64')
  }
}

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type LoginStatement, loginStatementText, SshReader } from '@jftp/protocol'

/** Whether OpenSSH is there, which makes keys and signs independently of jftp. */
export const hasOpenSsh = spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' }).error === undefined

export interface KeyOptions {
  readonly type?: 'ed25519' | 'rsa' | 'ecdsa'
  readonly bits?: number
  readonly passphrase?: string
  /** `PEM` and `PKCS8` instead of OpenSSH's own format. */
  readonly format?: 'PEM' | 'PKCS8'
  /** What encrypts OpenSSH's own format, if it is not what ssh-keygen takes by itself. */
  readonly cipher?: string
}

/** A key made by ssh-keygen: two files, and a comment that is its name. */
export class SshKeyPair {
  readonly name: string
  /** The private key; `.pub` follows in the name of the public one. */
  readonly file: string

  constructor(
    folder: string,
    name: string,
    { type = 'ed25519', bits, passphrase = '', format, cipher }: KeyOptions = {},
  ) {
    this.name = name
    this.file = join(folder, name)
    const size = bits === undefined ? [] : ['-b', String(bits)]
    const written = format === undefined ? [] : ['-m', format]
    const encrypted = cipher === undefined ? [] : ['-Z', cipher]
    const args = [
      '-q',
      '-t',
      type,
      ...size,
      ...written,
      ...encrypted,
      '-N',
      passphrase,
      '-C',
      name,
      '-f',
      this.file,
    ]
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

/** A real ssh-agent. */
export class SshAgent implements AsyncDisposable {
  readonly socket: string
  readonly #process: ChildProcess

  private constructor(socket: string) {
    this.socket = socket
    this.#process = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  }

  static async start(folder: string): Promise<SshAgent> {
    const agent = new SshAgent(join(folder, 'agent.sock'))
    if (agent.#process.stdout === null) throw new Error('ssh-agent has no stdout')
    // It prints this when it listens.
    await once(createInterface({ input: agent.#process.stdout }), 'line')
    return agent
  }

  get env(): { SSH_AUTH_SOCK: string } {
    return { SSH_AUTH_SOCK: this.socket }
  }

  add(...keys: readonly SshKeyPair[]): void {
    const files = keys.map(({ file }) => file)
    // Without a name it would look for keys by itself.
    if (files.length === 0) return
    execFileSync('ssh-add', ['-q', ...files], { env: { ...process.env, ...this.env }, stdio: 'pipe' })
  }

  /** Adds a key that has a passphrase: a copy without one, because ssh-add would ask for it on a terminal. */
  addUnlocked({ file }: SshKeyPair, passphrase: string): void {
    const copy = `${file}.unlocked`
    writeFileSync(copy, readFileSync(file), { mode: 0o600 })
    execFileSync('ssh-keygen', ['-q', '-p', '-P', passphrase, '-N', '', '-f', copy], { stdio: 'pipe' })
    execFileSync('ssh-add', ['-q', copy], { env: { ...process.env, ...this.env }, stdio: 'pipe' })
  }

  removeAll(): void {
    execFileSync('ssh-add', ['-q', '-D'], { env: { ...process.env, ...this.env }, stdio: 'pipe' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    await exited
  }
}

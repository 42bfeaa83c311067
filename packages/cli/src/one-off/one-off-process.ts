import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { FtpError } from '@jftp/client'
import { type OneOffMessage, type OneOffRequest, printable, printableJson } from '@jftp/protocol'

/** How long ftpd has to tidy up and end, in ms. */
const END_MS = 2_000

/** How much of what ftpd says about a failure of its own is kept, in characters. */
const MAX_ERRORS = 4096

/**
 * An ftpd for one transfer, as a program of its own: `ftp` loads nothing of a server. It ends when its stdin does, so it
 * does not outlive `ftp`, however that ends.
 */
export class OneOffProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #errors = ''

  constructor(request: OneOffRequest) {
    const [program, ...args] = ftpd()
    const { LISTEN_FDS: _fds, LISTEN_PID: _pid, ...env } = process.env
    // In a session of its own Ctrl-C does not reach it; `stop` does.
    this.#child = spawn(program, [...args, 'one-off'], { env, detached: true, stdio: 'pipe' })
    this.#ended = once(this.#child, 'close').then(
      () => {},
      // It could not be started: `messages` says so.
      () => {},
    )
    const { stdin, stderr } = this.#child
    // If it has ended already, its messages say why.
    stdin?.on('error', () => {})
    // Escaped, because readline at the other end takes U+2028 for the end of a line too, from Node 24 on.
    stdin?.write(`${printableJson(JSON.stringify(request))}\n`)
    stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-MAX_ERRORS)
    })
  }

  /** All that it tells, until it has ended. Throws if it could not start or did not end well. */
  async *messages(): AsyncGenerator<OneOffMessage> {
    let hasSaidWhy = false
    if (this.#child.pid !== undefined && this.#child.stdout !== null) {
      for await (const line of createInterface({ input: this.#child.stdout })) {
        const message = JSON.parse(line) as OneOffMessage
        hasSaidWhy ||= message.type === 'ended' || message.type === 'failed'
        yield message
      }
    }
    await this.#ended
    if (this.#child.pid === undefined) throw notInstalled()
    if (!hasSaidWhy) throw new FtpError('local-io', `ftpd has ended by itself${this.#lastError()}`)
  }

  /** Resolves when it has ended and tidied up. */
  async stop(): Promise<void> {
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS)
    await this.#ended
    clearTimeout(timer)
  }

  #lastError(): string {
    const last = this.#errors.trim().split('\n').at(-1) ?? ''
    return last === '' ? '; start it again' : `: ${printable(last)}`
  }
}

/** The ftpd that is installed beside this `ftp`, or else the one that the PATH has. */
function ftpd(): readonly [string, ...string[]] {
  try {
    return [process.execPath, createRequire(import.meta.url).resolve('@jftp/server/cli')]
  } catch {
    return ['jftpd']
  }
}

function notInstalled(): FtpError {
  return new FtpError(
    'local-not-found',
    'ftpd is needed and is not installed here; install it with: npm install -g @jftp/server',
  )
}

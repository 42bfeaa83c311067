import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, type FtpOptions } from './ftp-process.js'

const FTP = fileURLToPath(new URL('../bin/ftp.js', import.meta.url))

/** Longer than anything on a loaded machine; it only turns a hang into an error that says what was seen. */
const PATIENCE_MS = 90_000

/** Whether util-linux `script` is there to make a pseudo-terminal. */
export const hasTerminal =
  process.platform === 'linux' && spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0

/** A program on a pseudo-terminal, `ftp` if no other is named, and what it wrote there. */
export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exited: Promise<[number | null]>
  #screen = ''
  #looked = 0

  /** `wrap` turns the command line of `ftp` into that of a shell around it. */
  constructor(
    args: readonly string[],
    { cwd, env }: FtpOptions = {},
    wrap = (command: string) => `exec ${command}`,
    program = FTP,
  ) {
    const command = [process.execPath, program, ...args]
      .map((arg) => `'${arg.replaceAll("'", "'\\''")}'`)
      .join(' ')
    this.#child = spawn('script', ['-qec', `stty cols 80 rows 24; ${wrap(command)}`, '/dev/null'], {
      cwd,
      env: cleanEnvironment({ TERM: 'xterm', SHELL: '/bin/sh', ...env }),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#exited = once(this.#child, 'exit') as Promise<[number | null]>
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#screen += chunk.toString()
    })
  }

  /** Everything written so far, escape sequences included. */
  get screen(): string {
    return this.#screen
  }

  /** Types keys; each call is one burst, as fast typing or a paste is. */
  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Waits for text that was not there at the last wait. */
  async sees(text: string | RegExp): Promise<void> {
    const pattern = typeof text === 'string' ? new RegExp(escapeRegExp(text)) : text
    const patience = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const fresh = this.#screen.slice(this.#looked)
      const found = pattern.exec(fresh)
      if (found) {
        this.#looked += found.index + found[0].length
        return
      }
      try {
        await once(this.#child.stdout as NodeJS.ReadableStream, 'data', { signal: patience })
      } catch (cause) {
        throw new Error(`${pattern} was not seen; instead: ${JSON.stringify(fresh.slice(-500))}`, { cause })
      }
    }
  }

  /** The process of `ftp` itself, the one child that `script` has. */
  get pid(): number {
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, 'utf8')
    return Number(children.trim())
  }

  /** Sends a signal to `ftp` itself. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** Resolves with the exit code. */
  async ended(): Promise<number | null> {
    return (await this.#exited)[0]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

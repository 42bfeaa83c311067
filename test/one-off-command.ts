import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from './ftp-process.js'

const FTP = fileURLToPath(new URL('../bin/ftp.js', import.meta.url))

export interface OneOffOptions {
  /** Two folders are made here: `bin` with `jftp`, and `tmp` for temporary files. */
  readonly scratch: string
  readonly cwd: string
  /** What comes before the command line, as in `ip netns exec NAME`. */
  readonly command?: readonly string[]
}

/** How the other side's command ended. */
export interface Pasted {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `ftp share` or `ftp receive` under way. */
export class OneOffCommand implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #bin: string
  readonly #tmp: string
  stdout = ''
  stderr = ''

  private constructor(args: readonly string[], { scratch, cwd, command = [] }: OneOffOptions) {
    this.#bin = join(scratch, 'bin')
    this.#tmp = join(scratch, 'tmp')
    for (const folder of [this.#bin, this.#tmp]) mkdirSync(folder, { recursive: true })
    writeFileSync(join(this.#bin, 'jftp'), `#!/bin/sh\nexec '${process.execPath}' '${FTP}' "$@"\n`, {
      mode: 0o755,
    })
    const [program = '', ...before] = [...command, process.execPath, FTP]
    this.child = spawn(program, [...before, ...args], { cwd, env: this.#env })
    this.#closed = once(this.child, 'close')
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString()
    })
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
  }

  /** Resolves when it has printed what to do. `args` begin with `share` or `receive`. */
  static async start(args: readonly string[], options: OneOffOptions): Promise<OneOffCommand> {
    const started = new OneOffCommand(args, options)
    await started.until(() => started.stdout.includes('\n'))
    return started
  }

  get #env(): NodeJS.ProcessEnv {
    const path = `${this.#bin}:${process.env['PATH']}`
    return cleanEnvironment({ PATH: path, TMPDIR: this.#tmp, XDG_STATE_HOME: join(this.#tmp, '..', 'state') })
  }

  /** The line for the other side. */
  get command(): string {
    return this.stdout.split('\n')[0] ?? ''
  }

  get url(): string {
    return /jftps:\/\/[^\s']+/.exec(this.command)?.[0] ?? ''
  }

  get port(): number {
    return Number(/:(\d+)\/[^/]*$/.exec(this.url)?.[1])
  }

  get token(): string {
    return /^FTP_TOKEN=(\S+)/.exec(this.command)?.[1] ?? ''
  }

  /** What it has left in the folder for temporary files. */
  get leftovers(): string[] {
    return readdirSync(this.#tmp)
  }

  /** Types the line into a shell, as the other side does, after `change`. */
  async paste(
    cwd: string,
    change: (command: string) => string = (command) => command,
    before: readonly string[] = [],
  ): Promise<Pasted> {
    const child = this.pasting(cwd, change, before)
    const [[exitCode], stdout, stderr] = await Promise.all([
      once(child, 'close'),
      text(child.stdout as NodeJS.ReadableStream),
      text(child.stderr as NodeJS.ReadableStream),
    ])
    return { exitCode: exitCode as number | null, stdout, stderr }
  }

  /** The same without waiting for its end. */
  pasting(cwd: string, change: (command: string) => string, before: readonly string[] = []): ChildProcess {
    const [program = '', ...args] = [...before, 'sh', '-c', change(this.command)]
    return spawn(program, args, { cwd, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** Waits until something is so, or it has ended. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const next = new AbortController()
      const { signal } = next
      const { stdout, stderr } = this.child
      const events = [stdout, stderr].map((stream) =>
        once(stream as NodeJS.ReadableStream, 'data', { signal }),
      )
      try {
        const ended = this.#closed.then(() => 'ended')
        if ((await Promise.race([...events, ended])) !== 'ended') continue
      } finally {
        next.abort()
        await Promise.allSettled(events)
      }
      if (isSo()) return
      throw new Error(`it has ended: ${this.stdout}${this.stderr}`)
    }
  }

  async ended(): Promise<number | null> {
    await this.#closed
    return this.child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#closed
  }
}

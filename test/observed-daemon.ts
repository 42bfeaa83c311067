import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const FTPD = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

/** How an `ftpd` may serve; most promises hold for both. */
export const CONCURRENCIES: [name: string, args: string[]][] = [
  ['two worker threads', ['--workers', '2']],
  ['the event loop', ['--workers', '0']],
]

export interface DaemonOptions extends Pick<SpawnOptions, 'uid' | 'gid'> {
  /** The program, and what comes before ftpd's own path in its arguments. */
  readonly command?: readonly [string, ...string[]]
}

/** A line of the log, or of what is no JSON in it. */
export type LogLine = Record<string, unknown> & { readonly type?: string; readonly text: string }

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A real ftpd in a process of its own, watched: its log, its exit, its memory, what it holds open. */
export class ObservedDaemon implements AsyncDisposable {
  readonly process: ChildProcess
  /** What it has logged so far. */
  readonly lines: LogLine[] = []
  stderr = ''
  readonly exited: Promise<Exit>
  url = ''
  port = 0
  #wake: (() => void)[] = []

  /** Starts it and does not wait: for one that isn't to come up. */
  constructor(args: readonly string[], { command = [process.execPath], ...options }: DaemonOptions = {}) {
    const [program, ...before] = command
    const stdio: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'] }
    this.process = spawn(program, [...before, FTPD, ...args], { ...options, ...stdio })
    this.exited = once(this.process, 'close').then(([code, signal]) => ({ code, signal }) as Exit)
    void this.exited.then(() => this.#tell())
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    if (this.process.stdout === null) throw new Error('ftpd has no stdout')
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.lines.push(parseLine(line))
      this.#tell()
    })
  }

  /** Serves `root` on a free port; resolves when it listens. */
  static async start(root: string, args: readonly string[] = [], options?: DaemonOptions) {
    const daemon = new ObservedDaemon([root, '--port', '0', '--log-format', 'json', ...args], options)
    const ready = await daemon.logged((line) => line.type === 'ready')
    daemon.url = String(ready['url'])
    daemon.port = Number(new URL(daemon.url).port)
    return daemon
  }

  get pid(): number {
    return this.process.pid as number
  }

  /** The first line, logged or still to come, that is meant. */
  async logged(isMeant: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const line = this.lines.find(isMeant)
      if (line !== undefined) return line
      if (this.hasExited) throw new Error(`ftpd ended and never logged that: ${this.stderr}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  get hasExited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (!this.hasExited) this.process.kill(signal)
    return this.exited
  }

  /** Resident memory, in bytes (Linux). */
  get memory(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
  }

  /** Descriptors open in the process (Linux). */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
  }

  #tell(): void {
    const wake = this.#wake
    this.#wake = []
    for (const resolve of wake) resolve()
  }
}

function parseLine(line: string): LogLine {
  try {
    return { ...(JSON.parse(line) as Record<string, unknown>), text: line }
  } catch {
    return { text: line }
  }
}

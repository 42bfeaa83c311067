import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Place } from './place.js'

const FTPD = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

/** Stands for a socket beside the root. */
const BESIDE_ROOT = 'beside the root'

/** What systemd sets for the process that it passes a socket to. The shell becomes that process. */
const ACTIVATED = ['/bin/sh', '-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"', process.execPath] as const

let sockets = 0

/** The ways an `ftpd` may serve; what it promises holds for each. */
export const SERVERS: [name: string, args: string[]][] = [
  ['two worker threads', ['--workers', '2']],
  ['the event loop', ['--workers', '0']],
  ['two worker threads, a Unix socket', ['--workers', '2', '--unix', BESIDE_ROOT]],
]

/** The way it serves if a test doesn't say: vitest.config.ts runs some files once for each. */
export const SERVER_ARGS: readonly string[] = SERVERS[Number(process.env['JFTP_TEST_SERVER'] ?? 0)]?.[1] ?? []

export interface DaemonOptions extends Pick<SpawnOptions, 'uid' | 'gid' | 'env'> {
  /** The program, and what comes before ftpd's own path in its arguments. */
  readonly command?: readonly [string, ...string[]]
  /** An ftpd that is not the one of the repository, and is started without Node before it. */
  readonly executable?: string
  /** A socket that it inherits, as a service manager passes it. */
  readonly descriptor?: number
}

/** A line of the log, or of what is no JSON in it. */
export type LogLine = Record<string, unknown> & { readonly type?: string; readonly text: string }

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A real ftpd in a process of its own, watched: its log, its exit, its memory, what it holds open. */
export class DaemonProcess implements AsyncDisposable {
  readonly process: ChildProcess
  /** What it has logged so far. */
  readonly lines: LogLine[] = []
  stderr = ''
  readonly exited: Promise<Exit>
  /** Without a slash at its end. */
  url = ''
  /** The port it listens on, or the path of its socket: what `net.connect` takes. */
  place: Place = 0
  #wake: (() => void)[] = []

  /** Starts it and does not wait: for one that isn't to come up. */
  constructor(args: readonly string[], { command, descriptor, executable, ...options }: DaemonOptions = {}) {
    const node = command ?? (descriptor === undefined ? [process.execPath] : ACTIVATED)
    const [program, ...before] = executable === undefined ? ([...node, FTPD] as const) : [executable]
    const inherited = descriptor === undefined ? [] : [descriptor]
    const stdio: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe', ...inherited] }
    // Hundreds of control sockets in the folder of the user who runs the tests would be in each other's way.
    const env = { ...process.env, FTPD_CONTROL: 'none', ...options.env }
    this.process = spawn(program, [...before, ...args], { ...options, env, ...stdio })
    this.exited = once(this.process, 'close').then(([code, signal]) => ({ code, signal }) as Exit)
    void this.exited.then(() => this.#tell())
    // A test that ends too soon takes it along.
    const kill = () => this.process.kill('SIGKILL')
    process.once('exit', kill)
    void this.exited.then(() => process.off('exit', kill))
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    if (this.process.stdout === null) throw new Error('ftpd has no stdout')
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.lines.push(parseLine(line))
      this.#tell()
    })
  }

  /** Serves `root` on a free port, or as `args` say; resolves when it listens. */
  static async start(root: string, args: readonly string[] = SERVER_ARGS, options?: DaemonOptions) {
    const own = args.map((arg) => (arg === BESIDE_ROOT ? `${root}.${sockets++}.sock` : arg))
    const daemon = new DaemonProcess([root, '--port', '0', '--log-format', 'json', ...own], options)
    const path = own[own.indexOf('--unix') + 1] as string
    const isSocket = own.includes('--unix')
    // One that was killed leaves its socket.
    if (isSocket) void daemon.exited.then(() => rmSync(path, { force: true }))
    const ready = await daemon.logged((line) => line.type === 'ready')
    daemon.url = String(ready['url']).replace(/\/$/, '')
    daemon.place = isSocket ? path : Number(new URL(daemon.url).port)
    daemon.again = typeof daemon.place === 'string' ? own : [...own, '--port', String(daemon.place)]
    return daemon
  }

  /** Arguments for another one in its place. */
  again: string[] = []

  /** What the shell's prompt calls it. */
  get label(): string {
    return typeof this.place === 'string' ? this.place : `127.0.0.1:${this.place}`
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

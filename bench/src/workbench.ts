import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramCall } from './command.js'

/** How much of a failed program's stderr its error quotes. */
const STDERR_TAIL = 500

/** One run's folder and processes. Nothing of either is left when it is closed, or when Ctrl-C ends the run. */
export class Workbench {
  readonly folder: string
  /** What every server serves. */
  readonly served: string
  /** The clients' side. */
  readonly local: string
  readonly #children = new Set<ChildProcess>()

  constructor(dir: string) {
    this.folder = mkdtempSync(join(dir, 'jftp-bench-'))
    this.served = join(this.folder, 'served')
    this.local = join(this.folder, 'local')
    mkdirSync(this.served)
    mkdirSync(this.local)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.#abandon)
  }

  /** Starts a program that is ended with the run at the latest. */
  start({ program, args }: ProgramCall, stdout: 'pipe' | 'ignore' = 'ignore'): ChildProcess {
    const child = spawn(program, args, { stdio: ['ignore', stdout, 'pipe'], env: environment() })
    // Read by somebody or not: a full pipe would stop the program.
    child.stderr?.resume()
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /**
   * Runs a program to its end and resolves to the milliseconds from start to exit. Throws where it fails.
   * `watch` gets its pid.
   */
  async time(command: ProgramCall, watch?: (pid: number) => void): Promise<number> {
    let stderr = ''
    const started = performance.now()
    const child = this.start(command)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_TAIL)
    })
    const closed = once(child, 'close')
    const exited = once(child, 'exit')
    if (child.pid !== undefined) watch?.(child.pid)
    const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null]
    const ms = performance.now() - started
    await closed
    if (code === 0) return ms
    const end = signal ?? `exit code ${code}`
    throw new Error(`\`${[command.program, ...command.args].join(' ')}\` ended with ${end}: ${stderr.trim()}`)
  }

  async stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.stop(child)))
    rmSync(this.folder, { recursive: true, force: true })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#abandon)
  }

  readonly #abandon = (signal: NodeJS.Signals) => {
    // Not SIGTERM: lftp would go on in the background.
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
}

/**
 * What this machine has set for ftp and ftpd does not count, and loopback is never reached through a proxy. Everybody may
 * write, whether there are users here or not. That is no option on the command line, because an older ftpd may lack it.
 */
function environment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/_proxy$|^FTPD?_/i.test(name))
  return { ...Object.fromEntries(others), FTPD_ANONYMOUS: 'write' }
}

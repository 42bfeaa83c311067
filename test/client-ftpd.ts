import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

/** A real ftpd on a folder of its own, and a folder beside it for the local side. */
export class Ftpd implements AsyncDisposable {
  readonly url: string
  /** What is served. */
  readonly root: string
  /** For the local side. */
  readonly local: string
  readonly #folder: string
  readonly #process: ChildProcess

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url
    this.#folder = folder
    this.root = join(folder, 'root')
    this.local = folder
    this.#process = child
  }

  static async start(): Promise<Ftpd> {
    const folder = mkdtempSync(join(tmpdir(), 'jftp-client-'))
    const root = mkdtempSync(join(folder, 'root'))
    const child = spawn(process.execPath, [program, root, '--port', '0', '--log-format', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const url = await Promise.race([readUrl(child, 'stdout'), readUrl(child, 'stderr')])
    return Object.assign(new Ftpd(url, folder, child), { root })
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#process.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.signal('SIGKILL')
      await once(this.#process, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Reads on to the end, so that the daemon never waits for a reader of its log. */
function readUrl(child: ChildProcess, from: 'stdout' | 'stderr'): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = child[from]
    if (stream === null) return reject(new Error(`no ${from}`))
    createInterface({ input: stream }).on('line', (line) => {
      const url = /jftp:\/\/[^/"\s]+/.exec(line)
      if (url !== null) resolve(url[0])
    })
    child.once('exit', (code) => reject(new Error(`ftpd ended with ${code} before it was ready`)))
  })
}

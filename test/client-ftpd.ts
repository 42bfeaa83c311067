import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DaemonProcess } from './daemon.js'
import type { Place } from './place.js'
import { tempFolder } from './temp-folder.js'

/** A real ftpd on a folder of its own, and a folder beside it for the local side. */
export class Ftpd implements AsyncDisposable {
  /** What is served. */
  readonly root: string
  /** For the local side. */
  readonly local: string
  readonly #daemon: DaemonProcess
  readonly #folder: Disposable

  private constructor(daemon: DaemonProcess, root: string, folder: Disposable & { readonly path: string }) {
    this.root = root
    this.local = folder.path
    this.#daemon = daemon
    this.#folder = folder
  }

  static async start(): Promise<Ftpd> {
    const folder = tempFolder()
    const root = join(folder.path, 'root')
    mkdirSync(root)
    return new Ftpd(await DaemonProcess.start(root), root, folder)
  }

  get url(): string {
    return this.#daemon.url
  }

  get place(): Place {
    return this.#daemon.place
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#daemon.process.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon.stop('SIGKILL')
    this.#folder[Symbol.dispose]()
  }
}

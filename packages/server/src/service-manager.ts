import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Log } from './log.js'

/** The longest time that telling the service manager may take, in ms. */
const TIME_LIMIT = 5_000

/**
 * The service manager that has started this process, if it wants to know how the process is (systemd, `Type=notify`).
 * It listens on a Unix datagram socket. Node has none, and systemd brings a program that sends to it, so that is run:
 * three times in the life of a daemon, and once or twice more for each reload.
 */
export class ServiceManager {
  readonly #log: Log
  #last = Promise.resolve()
  #isTold = process.env['NOTIFY_SOCKET'] !== undefined

  constructor(log: Log) {
    this.#log = log
  }

  ready(status: string): Promise<void> {
    return this.#tell('READY=1', `STATUS=${status}`)
  }

  reloading(): Promise<void> {
    return this.#tell('RELOADING=1')
  }

  stopping(status: string): Promise<void> {
    return this.#tell('STOPPING=1', `STATUS=${status}`)
  }

  /** Messages arrive in the order of the calls. Never rejects: files are served whether anybody knows it or not. */
  #tell(...lines: string[]): Promise<void> {
    if (this.#isTold) this.#last = this.#last.then(() => this.#run([`--pid=${process.pid}`, ...lines]))
    return this.#last
  }

  async #run(args: readonly string[]): Promise<void> {
    try {
      await promisify(execFile)('systemd-notify', args, { timeout: TIME_LIMIT })
    } catch (error) {
      // It would fail again, and a line in the log for each attempt tells nothing new.
      this.#isTold = false
      this.#log.warn(
        { type: 'not-notified', err: error },
        'systemd-notify failed, so the service manager does not know that ftpd is ready; use Type=exec without it',
      )
    }
  }
}

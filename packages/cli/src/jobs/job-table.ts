import { FtpError } from '@jftp/client'
import type { JobOutput } from './job-output.js'

/** Commands that run in the background. */
export interface Job {
  readonly id: number
  /** The commands as they were written. */
  readonly source: string
  /** Undefined while it runs. */
  readonly exitCode: number | undefined
  /** Resolves with the exit code. */
  readonly ended: Promise<number>
  /** What it has printed and nobody has seen yet. */
  readonly output: JobOutput
}

interface Row extends Job {
  exitCode: number | undefined
  readonly controller: AbortController
}

/** The jobs of a shell or a batch. A job that has ended stays in the table until `remove` is called. */
export class JobTable {
  readonly #rows: Row[] = []

  /** Starts a job. `run` must not reject. */
  start(source: string, output: JobOutput, run: (signal: AbortSignal) => Promise<number>): Job {
    const controller = new AbortController()
    const id = (this.#rows.at(-1)?.id ?? 0) + 1
    const ended = run(controller.signal)
    const row: Row = { id, source, output, ended, controller, exitCode: undefined }
    void ended.then((exitCode) => {
      row.exitCode = exitCode
    })
    this.#rows.push(row)
    return row
  }

  get all(): readonly Job[] {
    return this.#rows
  }

  get running(): readonly Job[] {
    return this.#rows.filter(({ exitCode }) => exitCode === undefined)
  }

  /** The job with that number, or the newest one. Throws `not-found`. */
  find(number: string | undefined): Job {
    const id = number?.replace(/^%/, '')
    const found = id === undefined ? this.#rows.at(-1) : this.#rows.find((row) => String(row.id) === id)
    if (found !== undefined) return found
    const what = number === undefined ? 'there are no jobs' : `no job ${number}`
    throw new FtpError('not-found', `${what}; end a command with & to run it as a job`)
  }

  /** Stops a job. It ends soon, and what came of a file is kept. */
  cancel(job: Job): void {
    this.#rows.find(({ id }) => id === job.id)?.controller.abort()
  }

  /** Removes a job whose end the user has been told about. */
  remove(job: Job): void {
    const index = this.#rows.findIndex(({ id }) => id === job.id)
    if (index >= 0) this.#rows.splice(index, 1)
  }

  /** Stops all jobs and waits for their ends. */
  async stop(): Promise<void> {
    for (const { controller } of this.#rows) controller.abort()
    await Promise.all(this.#rows.map(({ ended }) => ended))
  }
}

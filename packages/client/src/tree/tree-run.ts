import type { FtpClient } from '../client.js'
import { isFinal } from '../errors/final-error.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { Progress } from '../progress.js'
import { Lanes } from './lanes.js'
import type { TreeEvent, TreeFile, TreeResult } from './tree-options.js'
import type { CallStep, FileStep, NextStep, TreeStep } from './tree-step.js'

export interface TreeRunOptions {
  readonly connections?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: TreeEvent) => void | Promise<void>) | undefined
}

/**
 * Does the steps of a walk while the walk goes on, so that a tree needs the memory of what is under way, however many
 * files it has. A step that fails does not stop the others. An error that is about the connection does: it is thrown.
 */
export async function runTree(
  client: FtpClient,
  steps: (signal: AbortSignal) => AsyncIterable<readonly TreeStep[]>,
  options: TreeRunOptions,
): Promise<TreeResult> {
  await using lanes = new Lanes(client, options.connections ?? 1)
  return await new TreeRun(lanes, options).run(steps)
}

class TreeRun {
  readonly #lanes: Lanes
  readonly #onEvent: TreeRunOptions['onEvent']
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #counts = { sent: 0, received: 0, skipped: 0, unchanged: 0, failed: 0 }
  #bytes = 0
  /** Why the whole run fails: the first error that is about more than one file. */
  #reason: FtpError | undefined

  constructor(lanes: Lanes, { signal, onEvent }: TreeRunOptions) {
    this.#lanes = lanes
    this.#onEvent = onEvent
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
  }

  async run(steps: (signal: AbortSignal) => AsyncIterable<readonly TreeStep[]>): Promise<TreeResult> {
    const started = performance.now()
    try {
      for await (const page of steps(this.#signal)) {
        for (const step of page) {
          const waiting = this.#take(step)
          if (waiting !== undefined) await waiting
          this.#signal.throwIfAborted()
        }
      }
      await this.#tell({ type: 'walked' })
    } catch (error) {
      this.#fail(error)
    }
    await this.#lanes.idle()
    if (this.#reason !== undefined) throw this.#reason
    return { ...this.#counts, bytes: this.#bytes, ms: performance.now() - started }
  }

  /** Returns a promise only if there is something to wait for, because one for each file costs time. */
  #take(step: TreeStep): void | Promise<void> {
    switch (step.type) {
      case 'file': {
        const telling = this.#tell({ type: 'found', file: step.file })
        return telling === undefined ? this.#begin(step) : telling.then(() => this.#begin(step))
      }
      case 'call':
        return this.#lanes.begin(0, (client) => this.#call(client, step))
      case 'failed':
        return this.#countFailure(step)
      case 'left-out':
        return this.#tell(step)
    }
  }

  #begin(step: FileStep): void | Promise<void> {
    return this.#lanes.begin(step.file.size, (client) => this.#move(client, step))
  }

  /** Never rejects. */
  async #move(client: FtpClient, step: FileStep): Promise<void> {
    const { file } = step
    try {
      if (!this.#signal.aborted) {
        const beginning = this.#tell({ type: 'began', file })
        if (beginning !== undefined) await beginning
        const result = await step.run(client, { signal: this.#signal, onProgress: this.#watch(file) })
        this.#counts[result.status]++
        this.#bytes += result.bytes
        const ending = this.#tell({ type: 'ended', file, result })
        if (ending !== undefined) await ending
      }
    } catch (cause) {
      await this.#stopOrCount(cause, file)
    }
    const next = step.over?.() ?? []
    if (next.length > 0) await this.#goOn(client, next)
  }

  #watch(file: TreeFile): ((progress: Progress) => void) | undefined {
    if (this.#onEvent === undefined) return undefined
    return (progress) => {
      // Nobody waits here, but an error of the listener ends the whole run.
      this.#tell({ type: 'progress', file, progress })?.catch(() => {})
    }
  }

  async #call(client: FtpClient, step: Extract<TreeStep, { type: 'call' }>): Promise<void> {
    await this.#attempt(client, step)
    await this.#goOn(client, step.over?.() ?? [])
  }

  /** Does what the end of a step brings about. It needs no lane of its own, because that step has one still. */
  async #goOn(client: FtpClient, steps: readonly NextStep[]): Promise<void> {
    for (const next of steps) {
      if (next.type === 'failed') await this.#countFailure(next)
      else await this.#attempt(client, next)
    }
  }

  /** Never rejects. */
  async #attempt(client: FtpClient, step: CallStep): Promise<void> {
    try {
      if (!this.#signal.aborted) await step.run(client, this.#signal)
    } catch (cause) {
      await this.#stopOrCount(cause, undefined)
    }
  }

  /** An error that is about more than one file ends the whole run. Never rejects. */
  async #stopOrCount(cause: unknown, file: TreeFile | undefined): Promise<void> {
    const error = toFtpError(cause, file?.path)
    if (isFinal(error) || error === this.#reason) this.#fail(error)
    else await this.#countFailure({ type: 'failed', error, ...(file && { file }) })
  }

  /** Never rejects. */
  async #countFailure(event: Extract<TreeEvent, { type: 'failed' }>): Promise<void> {
    this.#counts.failed++
    try {
      await this.#tell(event)
    } catch {
      // The whole run has failed.
    }
  }

  /** Returns a promise only if the listener returned something, which most do not. */
  #tell(event: TreeEvent): Promise<void> | undefined {
    try {
      const waiting = this.#onEvent?.(event)
      return waiting === undefined ? undefined : this.#untilTold(waiting)
    } catch (error) {
      throw this.#fail(toFtpError(error))
    }
  }

  async #untilTold(waiting: Promise<void>): Promise<void> {
    try {
      await waiting
    } catch (error) {
      throw this.#fail(toFtpError(error))
    }
  }

  /** Stops all that is under way. All of it fails then; the first error has said why. */
  #fail(error: unknown): FtpError {
    this.#reason ??=
      this.#signal.aborted && !this.#stop.signal.aborted
        ? new FtpError('cancelled', 'cancelled before it was done', { cause: this.#signal.reason })
        : toFtpError(error)
    this.#stop.abort(this.#reason)
    return this.#reason
  }
}

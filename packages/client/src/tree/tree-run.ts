import type { FtpClient } from '../client.js'
import { isFinal } from '../errors/final-error.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { Lanes } from './lanes.js'
import type { TreeEvent, TreeFile, TreeResult } from './tree-options.js'
import type { FileStep, TreeStep } from './tree-step.js'

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
  steps: (signal: AbortSignal) => AsyncIterable<TreeStep>,
  options: TreeRunOptions,
): Promise<TreeResult> {
  const others = Array.from({ length: (options.connections ?? 1) - 1 }, () => client.duplicate())
  const run = new TreeRun([client, ...others], options)
  try {
    return await run.run(steps)
  } finally {
    await Promise.all(others.map((other) => other.close()))
  }
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

  constructor(clients: readonly FtpClient[], { signal, onEvent }: TreeRunOptions) {
    this.#lanes = new Lanes(clients)
    this.#onEvent = onEvent
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
  }

  async run(steps: (signal: AbortSignal) => AsyncIterable<TreeStep>): Promise<TreeResult> {
    const started = performance.now()
    try {
      for await (const step of steps(this.#signal)) {
        await this.#take(step)
        this.#signal.throwIfAborted()
      }
      await this.#tell({ type: 'walked' })
    } catch (error) {
      this.#fail(error)
    }
    await this.#lanes.idle()
    if (this.#reason !== undefined) throw this.#reason
    return { ...this.#counts, bytes: this.#bytes, ms: performance.now() - started }
  }

  async #take(step: TreeStep): Promise<void> {
    switch (step.type) {
      case 'file':
        await this.#tell({ type: 'found', file: step.file })
        return this.#lanes.begin(step.file.size, (client) => this.#move(client, step))
      case 'call':
        return this.#lanes.begin(0, (client) => this.#call(client, step))
      case 'failed':
        return this.#countFailure(step)
      case 'left-out':
        return this.#tell(step)
    }
  }

  async #move(client: FtpClient, step: FileStep): Promise<void> {
    const { file } = step
    await this.#attempt(file, async () => {
      const onEvent = this.#onEvent
      await this.#tell({ type: 'began', file })
      const result = await step.run(client, {
        signal: this.#signal,
        onProgress: onEvent && ((progress) => void onEvent({ type: 'progress', file, progress })),
      })
      this.#counts[result.status]++
      this.#bytes += result.bytes
      await this.#tell({ type: 'ended', file, result })
    })
    await this.#goOn(client, step)
  }

  async #call(client: FtpClient, step: Extract<TreeStep, { type: 'call' }>): Promise<void> {
    await this.#attempt(undefined, () => step.run(client, this.#signal))
    await this.#goOn(client, step)
  }

  /** Does what the end of a step brings about. It needs no lane of its own, because that step has one still. */
  async #goOn(client: FtpClient, { over }: Pick<FileStep, 'over'>): Promise<void> {
    for (const next of over?.() ?? []) {
      if (next.type === 'failed') await this.#countFailure(next)
      else await this.#attempt(undefined, () => next.run(client, this.#signal))
    }
  }

  /** Never rejects. */
  async #attempt(file: TreeFile | undefined, act: () => Promise<void>): Promise<void> {
    try {
      if (!this.#signal.aborted) await act()
    } catch (cause) {
      const error = toFtpError(cause, file?.path)
      if (isFinal(error) || error === this.#reason) this.#fail(error)
      else await this.#countFailure({ type: 'failed', error, ...(file && { file }) })
    }
  }

  async #countFailure(event: Extract<TreeEvent, { type: 'failed' }>): Promise<void> {
    this.#counts.failed++
    // If this throws, the whole run has failed.
    await this.#tell(event).catch(() => {})
  }

  async #tell(event: TreeEvent): Promise<void> {
    try {
      // Most listeners have nothing to wait for, and an await costs a turn.
      const waiting = this.#onEvent?.(event)
      if (waiting !== undefined) await waiting
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

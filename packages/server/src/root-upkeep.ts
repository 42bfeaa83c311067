import type { Log } from './log.js'
import { LifeSign } from './storage/life-sign.js'
import { sweepPartials } from './storage/partial-folder.js'
import { removeStaging, sweepStaging } from './storage/staging-sweep.js'

/** How often partials that are too old are looked for: once an hour, in ms. */
const SWEEP_EVERY = 3_600_000

/**
 * Removes from a root what nobody needs any more: half-written uploads and partials that are too old. A failure is only
 * logged, because a root that can't be changed (it is read-only, or another user's) can still be read from.
 */
export class RootUpkeep {
  readonly #root: string
  readonly #keepPartialsMs: number
  readonly #log: Log
  #lifeSign: LifeSign | undefined
  #sweeping: NodeJS.Timeout | undefined

  constructor(root: string, keepPartialsMs: number, log: Log) {
    this.#root = root
    this.#keepPartialsMs = keepPartialsMs
    this.#log = log
  }

  /** Call this at the start: it sweeps what daemons that were killed have left, and shows others that this one runs. */
  async begin(): Promise<void> {
    this.#lifeSign = await LifeSign.give(this.#root)
    await this.#try(() => sweepStaging(this.#root))
    await this.#try(() => this.#sweepPartials())
  }

  /** Sweeps old partials from time to time, until `stop`. */
  start(): void {
    this.#sweeping = setInterval(() => void this.#try(() => this.#sweepPartials()), SWEEP_EVERY).unref()
  }

  stop(): void {
    clearInterval(this.#sweeping)
  }

  /** Call this at the end, when no upload is under way: it also removes the staging folder. */
  async leave(): Promise<void> {
    await this.#lifeSign?.end()
    await this.#try(() => this.#sweepPartials())
    await this.#try(() => removeStaging(this.#root))
  }

  #sweepPartials(): void {
    sweepPartials(this.#root, this.#keepPartialsMs)
  }

  async #try(act: () => void | Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.#log.warn(
        { type: 'not-tidied', err: error },
        `could not remove half-written uploads, or partials that are too old: ${String(error)}`,
      )
    }
  }
}

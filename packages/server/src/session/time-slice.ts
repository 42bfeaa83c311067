import { setImmediate } from 'node:timers/promises'

/** How long one session works before others of its thread have a turn, in milliseconds. */
const MAX_SLICE = 10

/**
 * Much of the work on files is synchronous, and promises that are already settled do not let the event loop go
 * on. So whoever works in a loop awaits `pause()` in every round: no client can keep others waiting for long.
 */
export class TimeSlice {
  #began = performance.now()

  /** Lets the event loop turn if the slice is used up. If it is not, there is nothing to wait for. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#began < MAX_SLICE ? undefined : this.#turn()
  }

  async #turn(): Promise<void> {
    await setImmediate()
    this.#began = performance.now()
  }
}

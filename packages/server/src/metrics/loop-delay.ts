import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the event loop is looked at, in ms. A shorter delay than that may be missed. */
const RESOLUTION = 20

/** The longest delay of this many readings is told, so that a scrape every 15 seconds misses none. */
const READINGS = 20

/** How late this thread's event loop was. Node watches it without running any JavaScript. */
export class LoopDelay {
  readonly #histogram: IntervalHistogram
  readonly #longest: number[] = []

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION })
    this.#histogram.enable()
  }

  /** The longest delay of the last readings, in seconds. To be called at regular times. */
  read(): number {
    // Node counts the time between two looks, which is the resolution if nothing is late.
    const longest = this.#histogram.count === 0 ? 0 : this.#histogram.max / 1e9 - RESOLUTION / 1000
    this.#histogram.reset()
    this.#longest.push(Math.max(0, longest))
    if (this.#longest.length > READINGS) this.#longest.shift()
    return Math.max(...this.#longest)
  }

  close(): void {
    this.#histogram.disable()
  }
}

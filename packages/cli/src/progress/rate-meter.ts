/** The rate is that of the last seconds, not of the whole transfer. */
const WINDOW_MS = 5000
/** Samples that are closer together than this are merged. */
const SAMPLE_MS = 100
const STALL_MS = 5000

interface Sample {
  readonly at: number
  readonly bytes: number
}

/** A moving average of bytes per second. Times are milliseconds of one monotonic clock. */
export class RateMeter {
  #samples: Sample[]
  #bytes = 0
  #advancedAt: number

  constructor(now: number) {
    this.#samples = [{ at: now, bytes: 0 }]
    this.#advancedAt = now
  }

  /** Records how many bytes have been moved so far. */
  update(bytes: number, now: number): void {
    if (bytes !== this.#bytes) this.#advancedAt = now
    this.#bytes = bytes
    const last = this.#samples.at(-1)
    if (last && now - last.at < SAMPLE_MS) return
    this.#samples.push({ at: now, bytes })
    // One sample from before the window is kept, so that the rate covers the whole window.
    const inside = this.#samples.findIndex((sample) => now - sample.at <= WINDOW_MS)
    if (inside > 1) this.#samples = this.#samples.slice(inside - 1)
  }

  /** Bytes per second over the last seconds. */
  rate(now: number): number {
    const first = this.#samples.find((sample) => now - sample.at <= WINDOW_MS) ?? this.#samples.at(-1)
    const ms = now - (first?.at ?? now)
    return ms <= 0 ? 0 : Math.max(0, ((this.#bytes - (first?.bytes ?? 0)) * 1000) / ms)
  }

  /** Whether nothing has come for 5 seconds. */
  stalled(now: number): boolean {
    return now - this.#advancedAt >= STALL_MS
  }
}

import { parseByteCount } from './byte-count.js'

/** The slowest limit there can be, in bytes per second: below it, a limit could be taken for a stalled connection. */
export const MIN_RATE = 1000

/** The fastest limit there can be, in bytes per second: no machine moves so many, so it is none. */
export const MAX_RATE = 1e12

/** How much is moved at once: what passes in this many seconds. So the rate is smooth, and a cancel is prompt. */
const PORTION_SECONDS = 0.02
const MIN_PORTION = 1024
const MAX_PORTION = 512 * 1024

/**
 * Time that nobody used is made up for later, but not more of it than this. So a timer that is late, because the
 * machine is busy, does not make the rate lower.
 */
const MAX_CREDIT_NS = 200_000_000n

/** What other threads need to share a limit: both can be cloned into a message. */
export interface RateLimitShare {
  readonly bytesPerSecond: number
  readonly memory: SharedArrayBuffer
}

/** What is in the memory of a limit. */
const BUSY_UNTIL = 0
const BYTES_PER_SECOND = 1
const SIZE = 2 * BigInt64Array.BYTES_PER_ELEMENT

/**
 * A number of bytes per second for all who reserve here, in one thread or in several. It keeps when the bytes that were
 * reserved last will have passed. Whoever wants to move bytes adds the time that they take.
 */
export class RateLimit implements RateLimitShare {
  readonly memory: SharedArrayBuffer
  /** When it is free, in nanoseconds of the monotonic clock, which is the same in all threads; and the rate. */
  readonly #state: BigInt64Array

  /** `memory` is that of another RateLimit, if the two share it; then the rate is the other's. Throws RangeError. */
  constructor(bytesPerSecond: number, memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(SIZE)
    this.#state = new BigInt64Array(this.memory)
    if (memory === undefined) this.change(bytesPerSecond)
  }

  get bytesPerSecond(): number {
    return Number(Atomics.load(this.#state, BYTES_PER_SECOND))
  }

  /** Whether anybody has to wait for it. */
  get isLimited(): boolean {
    return this.bytesPerSecond < MAX_RATE
  }

  /** Bytes that are best reserved at once. */
  get portion(): number {
    const portion = this.bytesPerSecond * PORTION_SECONDS
    return Math.round(Math.min(Math.max(portion, MIN_PORTION), MAX_PORTION))
  }

  /** Sets another rate for all who share this limit. Time that was reserved at the old one is free again. Throws RangeError. */
  change(bytesPerSecond: number): void {
    if (!(bytesPerSecond >= MIN_RATE && bytesPerSecond <= MAX_RATE)) {
      throw new RangeError(`a rate has ${MIN_RATE} to ${MAX_RATE} bytes per second, not ${bytesPerSecond}`)
    }
    Atomics.store(this.#state, BYTES_PER_SECOND, BigInt(Math.round(bytesPerSecond)))
    Atomics.store(this.#state, BUSY_UNTIL, 0n)
  }

  /** Reserves time for that many bytes. Returns the milliseconds until they may move; 0 is at once. */
  reserve(bytes: number): number {
    const duration = BigInt(Math.round((bytes / this.bytesPerSecond) * 1e9))
    for (;;) {
      const busyUntil = Atomics.load(this.#state, BUSY_UNTIL)
      const now = process.hrtime.bigint()
      const earliest = now - MAX_CREDIT_NS
      const begin = busyUntil > earliest ? busyUntil : earliest
      if (Atomics.compareExchange(this.#state, BUSY_UNTIL, busyUntil, begin + duration) === busyUntil) {
        return Math.max(0, Number(begin - now) / 1e6)
      }
    }
  }
}

/** What a rate is written like, for messages. */
export const RATE_EXAMPLES = 'bytes per second, at least 1k, such as 500k, 10M or 1.5MiB'

/**
 * Bytes per second of `500k`, `10MB/s` or `1.5MiB/s`: k, M and G stand for powers of 1000, Ki, Mi and Gi for powers
 * of 1024. Undefined if the text is no rate, or one that is out of range.
 */
export function parseRate(text: string): number | undefined {
  const rate = parseByteCount(text.replace(/\/s$/i, ''))
  return rate !== undefined && rate >= MIN_RATE && rate <= MAX_RATE ? rate : undefined
}

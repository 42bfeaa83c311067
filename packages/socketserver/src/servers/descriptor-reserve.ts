import { closeSync, openSync, readFileSync } from 'node:fs'

/** How long to wait before looking for free descriptors again, milliseconds. */
const PAUSE = 100

/** Reports of scarce descriptors are at least so many milliseconds apart. */
const REPORT_INTERVAL = 1_000

/**
 * Notices that descriptors are about to run out. When they really have, libuv accepts each connection and drops
 * it, and nobody hears of that; so this keeps some free, which handlers may want for their files as well. The
 * kernel gives out the lowest free number, so a number within the reserve means that all below are in use.
 */
export class DescriptorReserve {
  readonly #limit = descriptorLimit()
  readonly #onFree: () => void
  #timer: NodeJS.Timeout | undefined
  #reportedAt = Number.NEGATIVE_INFINITY

  /** `onFree` is called when descriptors may be free again. */
  constructor(onFree: () => void) {
    this.#onFree = onFree
  }

  get isScarce(): boolean {
    return this.#timer !== undefined
  }

  /** Looks at a descriptor that the kernel has just given out. Returns the error to report, if there is one. */
  use(descriptor: number): Error | undefined {
    if (!this.#isWithin(descriptor) || this.isScarce) return undefined
    this.#timer = setInterval(() => this.#look(), PAUSE)
    this.#timer.unref()
    const now = performance.now()
    if (now - this.#reportedAt < REPORT_INTERVAL) return undefined
    this.#reportedAt = now
    const error = new Error(
      `accept EMFILE: nearly all of ${this.#limit} descriptors are in use; clients wait until some are free: raise the limit (ulimit -n) or set maxConnections`,
    )
    return Object.assign(error, { code: 'EMFILE', syscall: 'accept' })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    let descriptor = Number.POSITIVE_INFINITY
    try {
      descriptor = openSync('/dev/null', 'r')
      closeSync(descriptor)
    } catch {
      // There are none at all.
    }
    if (this.#isWithin(descriptor)) return
    this.close()
    this.#onFree()
  }

  #isWithin(descriptor: number): boolean {
    // An eighth is for others, but not more than a busy server's handlers will ever need.
    const reserve = Math.min(Math.max(Math.floor(this.#limit / 8), 8), 256)
    return descriptor >= this.#limit - reserve
  }
}

/** The limit of this process; where the system has no /proc, none is known. */
function descriptorLimit(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds between two checks for free descriptors. */
const PAUSE = 100

/** Fewest milliseconds between two reports that descriptors are scarce. */
const REPORT_INTERVAL = 1_000

/**
 * Notices that descriptors are about to run out. When there are none left, libuv accepts each connection and drops it
 * without any error. So this keeps an eighth of the limit free, at least 8 and at most 256, which handlers can use for
 * their files as well.
 *
 * The kernel always gives out the lowest free number, so a number within the reserve means that all lower ones are in
 * use. The reverse does not hold: connections that stay may have numbers within the reserve while lower ones become
 * free. So the open descriptors are counted too, but not for each connection, because that takes long if there are many.
 */
export class DescriptorReserve {
  readonly #limit = descriptorLimit()
  readonly #mostOpen = this.#limit - Math.min(Math.max(Math.floor(this.#limit / 8), 8), 256)
  readonly #onFree: () => void
  /** How many connections may come before the open descriptors have to be counted again. */
  #uncounted = 0
  #timer: NodeJS.Timeout | undefined
  #reportedAt = Number.NEGATIVE_INFINITY

  /** `onFree` is called when descriptors may be free again. */
  constructor(onFree: () => void) {
    this.#onFree = onFree
  }

  get isScarce(): boolean {
    return this.#timer !== undefined
  }

  /** Checks a descriptor that the kernel has just given out. Returns an error if that has to be reported. */
  use(descriptor: number): Error | undefined {
    if (this.isScarce) return undefined
    this.#uncounted -= 1
    if (descriptor < this.#mostOpen && this.#uncounted > 0) return undefined
    this.#uncounted = this.#count()
    if (this.#uncounted > 0) return undefined
    this.#timer = setInterval(() => this.#look(), PAUSE)
    this.#timer.unref()
    const now = performance.now()
    if (now - this.#reportedAt < REPORT_INTERVAL) return undefined
    this.#reportedAt = now
    const error = new Error(
      `accept EMFILE: nearly all of the ${this.#limit} descriptors of this process are in use, so new clients wait: raise the limit (ulimit -n) or set maxConnections`,
    )
    return Object.assign(error, { code: 'EMFILE', syscall: 'accept' })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    this.#uncounted = this.#count()
    if (this.#uncounted <= 0) return
    this.close()
    this.#onFree()
  }

  /** How many descriptors may be given out before the reserve is used. */
  #count(): number {
    if (this.#limit === Number.POSITIVE_INFINITY) return this.#limit
    try {
      // Reading the folder takes a descriptor, which is in the list.
      return this.#mostOpen - (readdirSync('/proc/self/fd').length - 1)
    } catch {
      // No descriptor is free.
      return 0
    }
  }
}

/** The limit of this process. It is unknown if the system has no /proc. */
function descriptorLimit(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

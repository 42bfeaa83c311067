import { FtpError } from '../errors/ftp-error.js'
import type { FtpErrorCode } from '../errors/ftp-error-code.js'
import type { RetryOptions } from './retry-options.js'

const DEFAULT_RETRIES = 3

/** Milliseconds. */
const DEFAULT_DELAY = 1_000
const MAX_DELAY = 30_000

/** The caller's own doing: to try again would be against their will. */
const WANTED: readonly FtpErrorCode[] = ['cancelled', 'closed']

/** The server was not reached. */
const UNREACHED: readonly FtpErrorCode[] = [
  'unknown-host',
  'connection-refused',
  'unreachable',
  'connection-lost',
  'timeout',
]

/** When to try again, and after how long. */
export class RetryPolicy {
  readonly retries: number
  readonly #delay: number
  readonly #when: 'always' | 'once-connected'
  readonly #onRetry: RetryOptions['onRetry']

  constructor(options: RetryOptions) {
    const { retries = DEFAULT_RETRIES, delay = DEFAULT_DELAY, when = 'always', onRetry } = options
    this.retries = retries
    this.#delay = delay
    this.#when = when
    this.#onRetry = onRetry
  }

  /** Whether a call that has failed `failures` times is tried again. `reached`: whether the server ever answered. */
  allows(error: FtpError, failures: number, reached: 'reached' | 'never-reached'): boolean {
    if (failures > this.retries || !error.retryable || WANTED.includes(error.code)) return false
    return this.#when === 'always' || reached === 'reached' || !UNREACHED.includes(error.code)
  }

  /** Milliseconds to wait before attempt number `attempt`. Tells `onRetry`, whose errors are the caller's. */
  begin(error: FtpError, attempt: number): number {
    const longest = Math.max(MAX_DELAY, this.#delay)
    const full = Math.min(longest, this.#delay * 2 ** (attempt - 1))
    const delay = Math.round(full * (1 - Math.random() / 2))
    try {
      this.#onRetry?.({ error, attempt, retries: this.retries, delay })
    } catch (cause) {
      throw new FtpError('local-io', `onRetry threw: ${String(cause)}`, { cause })
    }
    return delay
  }
}

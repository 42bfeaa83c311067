import type { FtpError } from '../errors/ftp-error.js'

/** What `connect` and `open` do about errors after which the same call may succeed. */
export interface RetryOptions {
  /** How many times a call is tried again after it has failed; 3 by default. */
  readonly retries?: number | undefined
  /**
   * Milliseconds before the first new attempt; 1,000 by default. Each one that follows waits twice as long, at most 30
   * seconds or as long as the first. A random part, up to a half, is taken off, so that many clients do not come back
   * at once.
   */
  readonly delay?: number | undefined
  /**
   * `once-connected` fails at once if the server was never reached: its name may be wrong, or it may not run. `always`,
   * the default, waits for it.
   */
  readonly when?: 'always' | 'once-connected' | undefined
  /** Told before each wait. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

/** An attempt that is to follow. */
export interface Retry {
  /** Why it is needed. */
  readonly error: FtpError
  /** 1 for the first new attempt. */
  readonly attempt: number
  readonly retries: number
  /** Milliseconds until it begins. */
  readonly delay: number
}

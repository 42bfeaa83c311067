import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../connection/connection.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { RetryPolicy } from './retry-policy.js'

/** What the answer to a login says. */
export interface LoginFacts {
  readonly user: string
  readonly home: string
}

/** A connection that was begun, and its login. */
export interface Dialled {
  readonly connection: Connection
  readonly login: Promise<LoginFacts>
}

/** `again` if it is not the first attempt. */
export type AttemptKind = 'first' | 'again'

/**
 * A client's connection to its server. With a policy it is made again after it was lost while a call needs it, and
 * calls that failed for a passing reason are tried again. Without one it is one connection, and each call is tried once.
 */
export class ConnectionLink {
  /** Resolves when the connection is gone and no call is about to make it again. */
  readonly closed: Promise<FtpError | undefined>
  readonly #dial: () => Dialled
  readonly #policy: RetryPolicy | undefined
  readonly #closing = new AbortController()
  #current: Dialled
  #reached: 'reached' | 'never-reached' = 'never-reached'
  /** Calls that may make the connection again. */
  #busy = 0
  #recovery: Promise<void> | undefined
  #resolveClosed!: (reason: FtpError | undefined) => void

  constructor(dial: () => Dialled, policy: RetryPolicy | undefined) {
    this.#dial = dial
    this.#policy = policy
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#current = this.#begin()
  }

  get connection(): Connection {
    return this.#current.connection
  }

  /** Makes a call over the connection there is. It is made again if it fails for a reason that may pass. */
  async run<T>(
    signal: AbortSignal | undefined,
    attempt: (dialled: Dialled, kind: AttemptKind) => Promise<T>,
  ): Promise<T> {
    const policy = this.#policy
    if (policy === undefined) return attempt(this.#current, 'first')
    this.#busy++
    try {
      for (let failures = 0; ; ) {
        const dialled = this.#current
        try {
          return await attempt(dialled, failures === 0 ? 'first' : 'again')
        } catch (error) {
          await this.#recover(dialled, error, ++failures, policy, signal)
        }
      }
    } finally {
      this.#busy--
      this.#tellIfGone()
    }
  }

  /** Like `run`, for a call that gives many results. An attempt leaves out what the attempts before it have given. */
  async *stream<T>(
    signal: AbortSignal | undefined,
    attempt: (dialled: Dialled) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    const policy = this.#policy
    if (policy === undefined) return yield* attempt(this.#current)
    this.#busy++
    try {
      for (let failures = 0; ; ) {
        const dialled = this.#current
        try {
          return yield* attempt(dialled)
        } catch (error) {
          await this.#recover(dialled, error, ++failures, policy, signal)
        }
      }
    } finally {
      this.#busy--
      this.#tellIfGone()
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#current.connection.close()
  }

  /** Resolves when a call may be tried again. Throws what it has failed with if it may not. */
  async #recover(
    dialled: Dialled,
    thrown: unknown,
    failures: number,
    policy: RetryPolicy,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const error = toFtpError(thrown)
    const isWanted = !signal?.aborted && !this.#closing.signal.aborted
    if (!isWanted || !policy.allows(error, failures, this.#reached)) throw error
    await this.#wait(dialled, error, failures, policy, signal)
  }

  /** Calls that lost the same connection wait for the same new one. */
  async #wait(
    lost: Dialled,
    error: FtpError,
    failures: number,
    policy: RetryPolicy,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (lost.connection.isOpen) return this.#pause(policy.begin(error, failures), signal)
    if (this.#current !== lost) return
    // Whoever waits along may be cancelled alone.
    this.#recovery ??= this.#pause(policy.begin(error, failures), undefined)
      .then(() => {
        const { limitRate } = lost.connection
        this.#current = this.#begin()
        this.#current.connection.limitRate = limitRate
      })
      .finally(() => {
        this.#recovery = undefined
      })
    // If all who wait are cancelled, nobody is left to hear of a failure.
    this.#recovery.catch(() => {})
    await untilAborted(this.#recovery, signal)
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { signal: closing } = this.#closing
    const either = signal === undefined ? closing : AbortSignal.any([closing, signal])
    try {
      await sleep(ms, undefined, { signal: either })
    } catch {
      throw stopped(closing.aborted ? undefined : signal)
    }
  }

  #begin(): Dialled {
    const dialled = this.#dial()
    const { connection, login } = dialled
    // Whoever does not wait for it hears of a failure from the calls that fail.
    login.then(
      () => {
        this.#reached = 'reached'
      },
      () => {},
    )
    void connection.closed.then(() => this.#tellIfGone())
    return dialled
  }

  #tellIfGone(): void {
    const { connection } = this.#current
    // After `close` no call makes the connection again, also one whose reader has left it in the middle.
    const isNeeded = this.#busy > 0 && !this.#closing.signal.aborted
    if (isNeeded || connection.isOpen) return
    void connection.closed.then((reason) => this.#resolveClosed(reason))
  }
}

/** Ends as `work` does, or when the signal aborts. */
async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work
  // All files of a tree have the same signal, and Node warns of many listeners at one.
  const own = AbortSignal.any([signal])
  let onAbort = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(stopped(signal))
  })
  own.addEventListener('abort', onAbort)
  if (own.aborted) onAbort()
  try {
    await Promise.race([work, aborted])
  } finally {
    own.removeEventListener('abort', onAbort)
  }
}

function stopped(signal: AbortSignal | undefined): FtpError {
  if (signal === undefined) return new FtpError('closed', 'the client was closed before the next attempt')
  return new FtpError('cancelled', 'cancelled while waiting to try again', { cause: signal.reason })
}

import { ProtocolError } from '@jftp/protocol'

/** How long a client may let its session wait, in milliseconds. */
export interface Deadlines {
  /** From the connection's beginning to a successful login, whatever the client sends meanwhile. */
  readonly loginMs: number
  /** Without a request. */
  readonly idleMs: number
  /** Without a byte, while a transfer or an answer waits for the client. */
  readonly stallMs: number
}

/** What a session waits for; `nothing` while the server itself is at work. */
export type Awaited = 'login' | 'request' | 'transfer' | 'nothing'

/** What the deadline of a session looks at. */
export interface Waiting {
  /** What the session waits for now. */
  readonly awaited: Awaited
  /** When the client last sent or took something, or the session began to wait for it: a `performance.now()`. */
  readonly quietSince: number
}

/** Calls `expire` once if a client lets its session wait for too long. */
export class Deadline {
  readonly #deadlines: Deadlines
  readonly #waiting: Waiting
  readonly #expire: (error: ProtocolError) => void
  #began = performance.now()
  #timer: NodeJS.Timeout
  #isStopped = false

  constructor(deadlines: Deadlines, waiting: Waiting, expire: (error: ProtocolError) => void) {
    this.#deadlines = deadlines
    this.#waiting = waiting
    this.#expire = expire
    this.#timer = this.#lookAgainIn(Math.min(deadlines.loginMs, deadlines.stallMs, deadlines.idleMs))
  }

  /** The connection is `ms` older than this. */
  beganBefore(ms: number): void {
    this.#began -= ms
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#look()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** One timer a session: when it ends, what happened meanwhile shows how long it still has. */
  #look(): void {
    const left = this.#dueAt() - performance.now()
    const { idleMs, stallMs } = this.#deadlines
    // Not later than the shortest deadline: by then the session may wait for something else.
    if (left > 0) this.#timer = this.#lookAgainIn(Math.min(left, idleMs, stallMs))
    else this.#expire(this.#explain())
  }

  #dueAt(): number {
    const { awaited, quietSince } = this.#waiting
    const { loginMs, idleMs, stallMs } = this.#deadlines
    switch (awaited) {
      case 'login':
        return this.#began + loginMs
      case 'request':
        return quietSince + idleMs
      case 'transfer':
        return quietSince + stallMs
      case 'nothing':
        return Number.POSITIVE_INFINITY
    }
  }

  #explain(): ProtocolError {
    const { loginMs, idleMs, stallMs } = this.#deadlines
    switch (this.#waiting.awaited) {
      case 'login':
        return timeout(`no login within ${seconds(loginMs)}`)
      case 'transfer':
        return timeout(`the client neither sent nor took anything for ${seconds(stallMs)}`)
      default:
        return timeout(`no request for ${seconds(idleMs)}`)
    }
  }

  #lookAgainIn(ms: number): NodeJS.Timeout {
    // A millisecond more, because a timer may end a little early.
    return setTimeout(() => this.#look(), Math.min(ms + 1, LOOK_EVERY)).unref()
  }
}

/** By then it is noticed that the deadlines are shorter than they were, in milliseconds. */
const LOOK_EVERY = 5_000

function timeout(message: string): ProtocolError {
  return new ProtocolError('timeout', message)
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}

import { MAX_RATE, RateLimit, type RateLimitShare } from '@jftp/transfer'
import type { DaemonConfig } from './cli/config.js'
import { SharedDeadlines } from './session/shared-deadlines.js'
import { connectionsWithin, openFileLimit } from './session-table/descriptor-limit.js'
import { type ConnectionLimits, SessionTable } from './session-table/session-table.js'

/** The limits of a daemon, which may change while it runs and hold for the sessions of all its threads. */
export class LiveLimits {
  readonly sessions: SessionTable
  readonly deadlines = new SharedDeadlines()
  readonly #rate: RateLimit
  /** Threads can't be added later. */
  readonly #workers: number

  constructor(config: DaemonConfig) {
    this.#workers = config.workers
    this.#rate = new RateLimit(config.limitRate ?? MAX_RATE)
    this.deadlines.set(config.deadlines)
    this.sessions = new SessionTable(this.#connections(config))
  }

  /** A plain object, because a message to a thread carries no instance of a class. */
  get rate(): RateLimitShare {
    const { bytesPerSecond, memory } = this.#rate
    return { bytesPerSecond, memory }
  }

  change(config: DaemonConfig): void {
    this.#rate.change(config.limitRate ?? MAX_RATE)
    this.deadlines.set(config.deadlines)
    this.sessions.limits = this.#connections(config)
  }

  /** The limits of the configuration, or lower ones if the system allows fewer open files. */
  #connections({ maxConnections, maxConnectionsPerIp }: DaemonConfig): ConnectionLimits {
    const total = Math.min(maxConnections, connectionsWithin(openFileLimit(), this.#workers))
    return { total, perAddress: maxConnectionsPerIp }
  }
}

import type { SessionRecord, SessionReport } from './session-record.js'

/**
 * The records of one session on their way to the main thread. Those of one turn of the event loop cross together,
 * and as text: cloning each object for itself took a fifth of a thread that served many small files.
 */
export class ReportBatch {
  readonly #session: Promise<number>
  readonly #notify: (report: SessionReport) => void
  #records: SessionRecord[] = []

  /** `session`: the session's number. It rejects if the connection ends before the server has told it. */
  constructor(session: Promise<number>, notify: (report: SessionReport) => void) {
    this.#session = session
    this.#notify = notify
    // Whoever awaits it deals with that. If nobody does, it is no fault.
    session.catch(() => {})
  }

  /** Nobody waits for this, so not even the first record delays the session. */
  add(record: SessionRecord): void {
    if (this.#records.length === 0) setImmediate(() => void this.flush())
    this.#records.push(record)
  }

  /** To be called at the end of the session too, so that its last records come before its end. */
  async flush(): Promise<void> {
    if (this.#records.length === 0) return
    const records = JSON.stringify(this.#records)
    this.#records = []
    try {
      this.#notify({ type: 'records', session: await this.#session, records })
    } catch {
      // The connection has ended, and its session with it.
    }
  }
}

import type { FtpError } from '../errors/ftp-error.js'
import type { SyncEvent, SyncOptions, SyncResult } from './sync-options.js'

const MAX_FAILURES = 1000

/** Tells the caller what a sync does, and adds it up. */
export class SyncTally {
  readonly #onEvent: SyncOptions['onEvent']
  readonly #counts = { files: 0, transferred: 0, unchanged: 0, skipped: 0, deleted: 0, failed: 0, bytes: 0 }
  readonly #failures: FtpError[] = []

  constructor(onEvent: SyncOptions['onEvent']) {
    this.#onEvent = onEvent
  }

  get failed(): number {
    return this.#counts.failed
  }

  async tell(event: SyncEvent): Promise<void> {
    const counts = this.#counts
    switch (event.type) {
      case 'compared':
        counts.files = event.files
        break
      case 'failed':
        counts.failed++
        if (this.#failures.length < MAX_FAILURES) this.#failures.push(event.error)
        break
      case 'unchanged':
      case 'skipped':
      case 'deleted':
        counts[event.type]++
        break
      case 'transferred':
        counts[event.result?.status === 'skipped' ? 'skipped' : 'transferred']++
        counts.bytes += event.result?.bytes ?? event.size
        break
    }
    await this.#onEvent?.(event)
  }

  result(): SyncResult {
    return { ...this.#counts, failures: this.#failures }
  }
}

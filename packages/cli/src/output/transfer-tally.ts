import type { Digest, TransferResult } from '@jftp/client'

/** What a batch came to. */
export interface BatchTotals {
  readonly files: number
  readonly sent: number
  readonly received: number
  readonly skipped: number
  readonly failed: number
  /** Not tried, because all would have met the same end. */
  readonly notTried: number
  readonly bytes: number
  readonly ms: number
  /** One per kind of check; undefined where a transfer was unverified. */
  readonly digests: ReadonlySet<Digest['alg'] | undefined>
}

/** Adds up a batch without keeping its results. */
export class TransferTally {
  readonly #files: number
  readonly #startedAt = performance.now()
  readonly #counts = { sent: 0, received: 0, skipped: 0, failed: 0 }
  readonly #digests = new Set<Digest['alg'] | undefined>()
  #bytes = 0

  constructor(files: number) {
    this.#files = files
  }

  done({ status, bytes, digest }: TransferResult): void {
    this.#counts[status]++
    this.#bytes += bytes
    if (status !== 'skipped') this.#digests.add(digest?.alg)
  }

  failed(): void {
    this.#counts.failed++
  }

  /** So far; what neither ended nor failed was not tried. */
  totals(): BatchTotals {
    const { sent, received, skipped, failed } = this.#counts
    return {
      files: this.#files,
      ...this.#counts,
      notTried: this.#files - sent - received - skipped - failed,
      bytes: this.#bytes,
      ms: performance.now() - this.#startedAt,
      digests: this.#digests,
    }
  }
}

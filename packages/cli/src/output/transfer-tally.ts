import type { Digest, TransferResult } from '@jftp/client'

/** The result of a batch. */
export interface BatchTotals {
  readonly files: number
  readonly sent: number
  readonly received: number
  /** Files that went on where an earlier transfer was cut. They count neither as sent nor as received. */
  readonly resumed: number
  readonly skipped: number
  readonly unchanged: number
  readonly failed: number
  /** Files that were not tried, because the connection was gone or the user stopped the batch. */
  readonly notTried: number
  /** What has passed: without the part that was there already. */
  readonly bytes: number
  readonly ms: number
  /** The digests that transfers were checked with; undefined stands for an unverified one. */
  readonly digests: ReadonlySet<Digest['alg'] | undefined>
}

/** Adds up a batch without keeping its results. */
export class TransferTally {
  #files: number
  readonly #startedAt = performance.now()
  readonly #counts = { sent: 0, received: 0, resumed: 0, skipped: 0, unchanged: 0, failed: 0 }
  readonly #digests = new Set<Digest['alg'] | undefined>()
  #bytes = 0

  constructor(files: number) {
    this.#files = files
  }

  get files(): number {
    return this.#files
  }

  /** One file more is to be moved. */
  found(): void {
    this.#files++
  }

  done({ status, bytes, digest, resumedFrom }: TransferResult): void {
    this.#counts[resumedFrom > 0 ? 'resumed' : status]++
    this.#bytes += bytes - resumedFrom
    if (status === 'sent' || status === 'received') this.#digests.add(digest?.alg)
  }

  failed(): void {
    this.#counts.failed++
  }

  /** Something that was not among the files has failed. */
  failedBeside(): void {
    this.#files++
    this.#counts.failed++
  }

  /** The totals so far. A file that neither ended nor failed counts as not tried. */
  totals(): BatchTotals {
    const { sent, received, resumed, skipped, unchanged, failed } = this.#counts
    return {
      files: this.#files,
      ...this.#counts,
      notTried: this.#files - sent - received - resumed - skipped - unchanged - failed,
      bytes: this.#bytes,
      ms: performance.now() - this.#startedAt,
      digests: this.#digests,
    }
  }
}

import type { SyncEvent, SyncRoots } from '@jftp/client'
import { formatBytes, formatCount, formatDuration } from '../text/quantity.js'

/** Adds up what a sync has done, or would do. */
export class SyncTotals {
  readonly #startedAt = performance.now()
  readonly #digests = new Set<string | undefined>()
  readonly #counts = { transferred: 0, resumed: 0, unchanged: 0, skipped: 0, failed: 0, deleted: 0, bytes: 0 }
  #files: number | undefined
  /** Files of which nothing is known, because the sync was stopped. */
  #notTried = 0

  /** Whether the trees were compared. */
  get isKnown(): boolean {
    return this.#files !== undefined
  }

  /** Nothing more will come. */
  stop(): void {
    const { transferred, resumed, unchanged, skipped, failed } = this.#counts
    const known = transferred + resumed + unchanged + skipped + failed
    this.#notTried = Math.max(0, (this.#files ?? 0) - known)
  }

  add(event: SyncEvent): void {
    const counts = this.#counts
    switch (event.type) {
      case 'compared':
        this.#files = event.files
        break
      case 'transferred': {
        const { result, size } = event
        const status = result?.status ?? 'sent'
        const resumedFrom = result?.resumedFrom ?? 0
        if (status === 'skipped' || status === 'unchanged') counts[status]++
        else if (resumedFrom > 0) counts.resumed++
        else counts.transferred++
        counts.bytes += (result?.bytes ?? size) - resumedFrom
        if (result !== undefined && result.digest !== undefined) this.#digests.add(result.digest.alg)
        break
      }
      case 'failed':
        // It is about no file: all deletions were refused.
        if (event.error.code !== 'too-many-deletions') counts.failed++
        break
      case 'unchanged':
      case 'skipped':
      case 'deleted':
        counts[event.type]++
        break
    }
  }

  /** `340 files: 12 sent, 327 unchanged, 1 failed, 3 deleted · 1.2 GiB in 31 s · md5 verified` */
  format(direction: SyncRoots['direction'], mode: 'run' | 'plan'): string {
    const { transferred, resumed, unchanged, skipped, failed, deleted, bytes } = this.#counts
    const sent = direction === 'up' ? 'sent' : 'received'
    const counts = [
      [transferred, mode === 'plan' ? `to be ${sent}` : sent],
      [resumed, 'resumed'],
      [unchanged, 'unchanged'],
      [skipped, 'skipped'],
      [failed, 'failed'],
      [this.#notTried, 'not tried'],
      [deleted, mode === 'plan' ? 'to be deleted' : 'deleted'],
    ] as const
    const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
    const parts = [
      [formatCount(this.#files ?? 0, 'file'), ...(told.length > 0 ? [told.join(', ')] : [])].join(': '),
    ]
    if (transferred > 0 && mode === 'plan') parts.push(formatBytes(bytes))
    if (transferred + resumed > 0 && mode === 'run') {
      parts.push(`${formatBytes(bytes)} in ${formatDuration(performance.now() - this.#startedAt)}`)
      parts.push(this.#digests.size === 0 ? 'unverified' : `${[...this.#digests].join(' and ')} verified`)
    }
    return parts.join(' · ')
  }
}

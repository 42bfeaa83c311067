import type { Digest, TransferResult } from '../index.js'
import { padEnd, shortenMiddle } from '../progress/display-width.js'
import { formatBytes, formatCount, formatDuration, formatRate } from '../progress/quantity.js'

/** What a batch came to. */
export interface BatchTotals {
  readonly files: number
  readonly sent: number
  readonly received: number
  readonly unchanged: number
  readonly failed: number
  readonly skipped: number
  readonly bytes: number
  readonly ms: number
  /** One per transfer that moved bytes; undefined where it was unverified. */
  readonly digests: ReadonlySet<Digest['alg'] | undefined>
}

/** `app.tgz  5.0 MiB  41 MiB/s  md5 9e107d9d372bb6826bd81d3542a419d6`, shortened to `width` if it can be. */
export function formatFinished(
  label: string,
  result: TransferResult,
  columns: { label: number; width: number },
): string {
  if (result.status === 'unchanged') return `${label}  unchanged: it is there already`
  const { bytes, ms, digest } = result
  const proof = digest ? `${digest.alg} ${digest.hex}` : 'unverified'
  const facts = [
    formatBytes(bytes).padStart(8),
    formatRate((bytes * 1000) / Math.max(1, ms)).padStart(10),
    proof,
  ]
  const room = Math.max(12, columns.width - facts.join('  ').length - 2)
  const shown = shortenMiddle(label, room)
  return [padEnd(shown, Math.min(columns.label, room)), ...facts].join('  ')
}

/** `340 files: 12 sent, 327 unchanged, 1 failed · 1.2 GiB in 31 s · md5 verified` */
export function formatTotals(totals: BatchTotals): string {
  const { files, sent, received, unchanged, failed, skipped, bytes, ms, digests } = totals
  const counts = [
    [sent, 'sent'],
    [received, 'received'],
    [unchanged, 'unchanged'],
    [failed, 'failed'],
    [skipped, 'not tried'],
  ] as const
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const line = [`${formatCount(files, 'file')}: ${told.join(', ')}`]
  if (sent + received > 0) {
    line.push(`${formatBytes(bytes)} in ${formatDuration(ms)}`)
    line.push(digests.has(undefined) ? 'unverified' : `${[...digests].join(' and ')} verified`)
  }
  return line.join(' · ')
}

import type { TransferResult } from '@jftp/client'
import { padEnd, shortenMiddle } from '../text/display-width.js'
import { formatBytes, formatCount, formatDuration, formatRate } from '../text/quantity.js'
import type { BatchTotals } from './transfer-tally.js'

const MIN_LABEL = 12

/** The rate of a smaller file would say nothing, because it took almost no time. */
const MIN_BYTES_FOR_RATE = 256 * 1024

/** How the lines about finished files are set: in columns if there are several, and for which width. */
export interface FinishedLayout {
  readonly labelColumn: number
  readonly rows: 'single' | 'several'
  readonly width: number
}

/** `app.tgz  5.0 MiB  41 MiB/s  md5 9e107d9d372bb6826bd81d3542a419d6`, with the name shortened if it is too long. */
export function formatFinished(label: string, result: TransferResult, layout: FinishedLayout): string {
  const { labelColumn, rows, width } = layout
  const facts = rows === 'single' ? factsOf(result) : alignedFactsOf(result)
  const text = facts.join('  ')
  const room = Math.max(MIN_LABEL, width - text.length - 2)
  const shown = shortenMiddle(label, room)
  return `${rows === 'single' ? shown : padEnd(shown, Math.min(labelColumn, room))}  ${text}`
}

function factsOf(result: TransferResult): string[] {
  const { status, bytes, ms, resumedFrom } = result
  if (status === 'skipped') return ['skipped: the name is taken']
  if (status === 'unchanged') return ['unchanged: it was compared and is equal']
  const passed = bytes - resumedFrom
  const rate = passed < MIN_BYTES_FOR_RATE ? [] : [formatRate((passed * 1000) / Math.max(1, ms))]
  return [formatBytes(bytes), ...rate, proofOf(result), ...resumptionOf(result)]
}

function alignedFactsOf(result: TransferResult): string[] {
  const [size = '', ...others] = factsOf(result)
  if (others.length === 0) return [size]
  const rate = others[0] === proofOf(result) ? '' : others.shift()
  return [size.padStart(8), (rate ?? '').padStart(10), ...others]
}

function resumptionOf({ resumedFrom }: TransferResult): string[] {
  return resumedFrom === 0 ? [] : ['resumed']
}

function proofOf({ digest }: TransferResult): string {
  return digest ? `${digest.alg} ${digest.hex}` : 'unverified'
}

/** `340 files: 11 sent, 1 resumed, 327 skipped, 1 failed · 1.2 GiB in 31 s · md5 verified` */
export function formatTotals(totals: BatchTotals): string {
  const { files, sent, received, resumed, skipped, unchanged, failed, notTried, bytes, ms, digests } = totals
  const counts = [
    [sent, 'sent'],
    [received, 'received'],
    [resumed, 'resumed'],
    [skipped, 'skipped'],
    [unchanged, 'unchanged'],
    [failed, 'failed'],
    [notTried, 'not tried'],
  ] as const
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const line = [`${formatCount(files, 'file')}: ${told.join(', ')}`]
  if (sent + received + resumed > 0) {
    line.push(`${formatBytes(bytes)} in ${formatDuration(ms)}`)
    line.push(digests.has(undefined) ? 'unverified' : `${[...digests].join(' and ')} verified`)
  }
  return line.join(' · ')
}

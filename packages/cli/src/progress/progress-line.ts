import { displayWidth, padEnd, shortenMiddle } from '../text/display-width.js'
import { formatBytes, formatClock, formatRate, formatShare } from '../text/quantity.js'

/** How far one file, or all of them together, is at one moment. */
export interface Position {
  readonly label: string
  readonly bytes: number
  /** Undefined if the source does not know. */
  readonly total: number | undefined
  /** Bytes per second. */
  readonly rate: number
  readonly isStalled: boolean
}

/** Fewer columns of a name would say nothing. */
const MIN_LABEL = 8
/** A name gets this many columns before there is a bar. */
const GOOD_LABEL = 20
const MAX_LABEL = 40
const MIN_BAR = 8
const MAX_BAR = 30

/**
 * One line of at most `width` columns: label, bar, %, bytes, rate, ETA. If it does not fit, the bar
 * is left out first, then the ETA, the rate and the bytes. `labelColumn` is the least width of the label.
 */
export function formatProgressLine(position: Position, width: number, labelColumn = 0): string {
  const facts = factsOf(position)
  while (facts.length > 1 && widthOf(facts) + MIN_LABEL > width) facts.pop()
  const room = width - widthOf(facts)
  const labelWidth = Math.max(labelColumn, displayWidth(position.label))
  const fraction = fractionOf(position)
  const label = Math.min(labelWidth, MAX_LABEL, Math.max(GOOD_LABEL, room - MIN_BAR - 2))
  const bar = Math.min(MAX_BAR, room - label - 2)
  if (fraction === undefined || bar < MIN_BAR) {
    return [shortenMiddle(position.label, Math.min(room, MAX_LABEL)), ...facts].join('  ')
  }
  return [padEnd(shortenMiddle(position.label, label), label), drawBar(fraction, bar), ...facts].join('  ')
}

/** The same facts for a log, without a bar and with nothing shortened. */
export function formatHeartbeat(position: Position): string {
  return [position.label, ...factsOf(position).map((fact) => fact.trim())].join('  ')
}

function factsOf(position: Position): string[] {
  const { bytes, rate, isStalled } = position
  const total = totalOf(position)
  const fraction = fractionOf(position)
  const pace = isStalled ? 'stalled' : formatRate(rate)
  if (fraction === undefined || total === undefined) return [formatBytes(bytes), pace]
  const percent = `${Math.floor(fraction * 100)} %`.padStart(5)
  const left = isStalled ? [] : [`ETA ${formatClock((total - bytes) / rate)}`]
  return [percent, formatShare(bytes, total), pace.padStart(10), ...left]
}

/** Undefined if it is not known. A source that has given more than its size said has no known size. */
export function totalOf({ bytes, total }: Position): number | undefined {
  return total !== undefined && bytes <= total ? total : undefined
}

function fractionOf(position: Position): number | undefined {
  const total = totalOf(position)
  if (total === undefined) return undefined
  return total === 0 ? 1 : position.bytes / total
}

function widthOf(facts: readonly string[]): number {
  return facts.reduce((sum, fact) => sum + 2 + fact.length, 0)
}

function drawBar(fraction: number, width: number): string {
  const full = Math.floor(fraction * width)
  return '━'.repeat(full) + '─'.repeat(width - full)
}

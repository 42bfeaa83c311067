import type { Entry } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { displayWidth } from '../text/display-width.js'
import { formatBytes } from '../text/quantity.js'
import type { Output } from './output.js'

/** What a listing shows of a file or a folder. */
export type ListedEntry = Pick<Entry, 'name' | 'type' | 'size' | 'mtime' | 'mode' | 'target'>

interface Cell {
  readonly text: string
  readonly width: number
}

const GAP = 2
const TIME_WIDTH = '2025-01-31 09:15'.length
/** With more names, trying every number of rows would take too long: the time grows with their square. */
const MAX_FITTED = 1000

/** Sets names in as few rows as possible, filled column by column. `width` is that of the terminal. */
export function formatColumns(cells: readonly Cell[], width: number): string[] {
  if (cells.length === 0) return []
  const widest = cells.reduce((most, cell) => Math.max(most, cell.width), 0)
  const sureColumns = Math.max(1, Math.floor((width + GAP) / (widest + GAP)))
  const sureRows = Math.ceil(cells.length / sureColumns)
  let rows = sureRows
  if (cells.length <= MAX_FITTED) {
    rows = 1
    while (rows < sureRows && totalWidth(cells, rows) > width) rows++
  }
  const widths = columnWidths(cells, rows)
  return Array.from({ length: rows }, (_, row) => {
    const line = widths.flatMap((columnWidth, column) => {
      const cell = cells[column * rows + row]
      return cell ? [cell.text, ' '.repeat(columnWidth - cell.width + GAP)] : []
    })
    return line.slice(0, -1).join('')
  })
}

function totalWidth(cells: readonly Cell[], rows: number): number {
  return columnWidths(cells, rows).reduce((sum, each) => sum + each + GAP, -GAP)
}

function columnWidths(cells: readonly Cell[], rows: number): number[] {
  const widths: number[] = []
  for (const [index, { width }] of cells.entries()) {
    const column = Math.floor(index / rows)
    widths[column] = Math.max(widths[column] ?? 0, width)
  }
  return widths
}

/** The name as it is shown: printable, with `/` after a folder, coloured on a terminal. */
export function nameCell(entry: ListedEntry, output: Output): Cell {
  const name = printable(entry.name)
  const suffix = entry.type === 'directory' ? '/' : ''
  const styled =
    entry.type === 'directory'
      ? output.style('stdout', 'blue', name)
      : entry.type === 'link'
        ? output.style('stdout', 'cyan', name)
        : name
  return { text: styled + suffix, width: displayWidth(name) + suffix.length }
}

/** `-rw-r--r--  5242880  2025-01-31 09:15  app.tgz` for each, sizes aligned. */
export function formatLong(
  entries: readonly ListedEntry[],
  sizes: 'bytes' | 'units',
  output: Output,
): string[] {
  const shown = entries.map((entry) => (sizes === 'units' ? formatBytes(entry.size) : String(entry.size)))
  const width = shown.reduce((most, size) => Math.max(most, size.length), 0)
  return entries.map((entry, index) => {
    const target = entry.target === undefined ? '' : ` -> ${printable(entry.target)}`
    const size = (shown[index] ?? '').padStart(width)
    return `${formatMode(entry)}  ${size}  ${formatTime(entry.mtime).padEnd(TIME_WIDTH)}  ${nameCell(entry, output).text}${target}`
  })
}

/** `drwxr-xr-x`, as ls shows it; question marks if the server has no permission bits. */
export function formatMode({ type, mode }: Pick<Entry, 'type' | 'mode'>): string {
  const kind = { file: '-', directory: 'd', link: 'l', other: '?' }[type]
  if (mode === undefined) return `${kind}?????????`
  const bits = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'))
  return kind + bits.join('')
}

/** Local time to the minute: `2025-01-31 09:15`; `unknown time` if it is out of the range of dates. */
export function formatTime(ms: number): string {
  const time = new Date(ms)
  if (Number.isNaN(time.getTime())) return 'unknown time'
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

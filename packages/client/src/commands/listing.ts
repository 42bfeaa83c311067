import type { Entry } from '../index.js'
import { displayWidth } from '../progress/display-width.js'
import { formatBytes } from '../progress/quantity.js'
import type { Output } from './output.js'
import { printable } from './printable.js'

/** A folder's or a file's facts, as far as a listing shows them. */
export type ListedEntry = Pick<Entry, 'name' | 'type' | 'size' | 'mtime' | 'mode' | 'target'>

/** Names in as few rows as fit, filled column by column; `width` in columns of the terminal. */
export function formatColumns(cells: readonly { text: string; width: number }[], width: number): string[] {
  const gap = 2
  for (let rows = 1; rows < cells.length; rows++) {
    const widths: number[] = []
    for (let from = 0; from < cells.length; from += rows) {
      widths.push(Math.max(...cells.slice(from, from + rows).map((cell) => cell.width)))
    }
    if (widths.reduce((sum, each) => sum + each, gap * (widths.length - 1)) > width) continue
    return Array.from({ length: rows }, (_, row) =>
      widths
        .map((columnWidth, column) => ({ cell: cells[column * rows + row], columnWidth }))
        .filter(({ cell }) => cell !== undefined)
        .map(({ cell, columnWidth }, column, all) =>
          column === all.length - 1
            ? cell?.text
            : cell?.text + ' '.repeat(columnWidth - (cell?.width ?? 0) + gap),
        )
        .join(''),
    )
  }
  return cells.map((cell) => cell.text)
}

/** The name as shown: printable, a folder with `/`, coloured on a terminal. */
export function nameCell(entry: ListedEntry, output: Output): { text: string; width: number } {
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
  const width = Math.max(0, ...shown.map((size) => size.length))
  return entries.map((entry, index) => {
    const target = entry.target === undefined ? '' : ` -> ${printable(entry.target)}`
    const size = (shown[index] ?? '').padStart(width)
    return `${formatMode(entry)}  ${size}  ${formatTime(entry.mtime)}  ${nameCell(entry, output).text}${target}`
  })
}

/** `drwxr-xr-x`, as ls shows it. */
export function formatMode({ type, mode }: Pick<Entry, 'type' | 'mode'>): string {
  const kind = { file: '-', directory: 'd', link: 'l', other: '?' }[type]
  const bits = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'))
  return kind + bits.join('')
}

/** Local time to the minute: `2025-01-31 09:15`. */
export function formatTime(ms: number): string {
  const time = new Date(ms)
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

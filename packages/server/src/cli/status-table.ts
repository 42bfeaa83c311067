import { printable } from '@jftp/protocol'
import type { BanStatus, SessionStatus, Status, TransferStatus } from '../control/status.js'
import { counted } from './counted.js'

const HEADINGS = ['SESSION', 'CLIENT', 'USER', 'FOR', 'OP', 'DONE', 'RATE', 'PATH'] as const

/** Columns with numbers are aligned to the right. */
const RIGHT: readonly string[] = ['SESSION', 'FOR', 'DONE', 'RATE']

/** The lines of `ftpd status`: one about the daemon, then one for each session, those that move bytes first. */
export function statusTable(status: Status, now: number): string[] {
  const sessions = [...status.sessions].sort((a, b) => rateOf(b) - rateOf(a) || a.id - b.id)
  const rows = sessions.map((session) => cells(session, now))
  const widths = HEADINGS.map((heading, column) =>
    rows.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), heading.length),
  )
  return [
    summary(status, now),
    '',
    ...[HEADINGS, ...rows].map((row) =>
      row
        .map((cell, column) => pad(cell, widths, column))
        .join('  ')
        .trimEnd(),
    ),
    ...(status.bans.length === 0 ? [] : ['', ...banLines(status.bans, now)]),
  ]
}

/** Bans that are listed at most: after an attack there may be very many. */
const MAX_BANS = 20

function banLines(bans: readonly BanStatus[], now: number): string[] {
  const listed = bans.slice(0, MAX_BANS)
  const more = bans.length - listed.length
  return [
    `${bans.length} banned after failed logins; ftpd unban ADDRESS lifts a ban`,
    ...listed.map(({ address, until }) => `  ${address}  for ${duration(until - now)} more`),
    ...(more > 0 ? [`  … and ${more} more: see ftpd status --json`] : []),
  ]
}

function summary({ url, state, since, sessions }: Status, now: number): string {
  const transfers = sessions.flatMap(({ transfer }) => (transfer === undefined ? [] : [transfer]))
  const rate = (op: TransferStatus['op']) =>
    transfers.filter((each) => each.op === op).reduce((sum, each) => sum + each.rate, 0)
  return [
    `${url} ${state} for ${duration(now - since)}`,
    `${counted(sessions.length, 'session')}, ${counted(transfers.length, 'transfer')}`,
    `in ${bytes(rate('put'))}/s, out ${bytes(rate('get'))}/s`,
  ].join(' · ')
}

function rateOf({ transfer }: SessionStatus): number {
  return transfer?.rate ?? -1
}

function cells({ id, client, user, since, transfer }: SessionStatus, now: number): string[] {
  const who = [String(id), client, user === '' ? '-' : printable(user), duration(now - since)]
  if (transfer === undefined) return [...who, '-', '', '', '']
  return [...who, transfer.op, progress(transfer), `${bytes(transfer.rate)}/s`, printable(transfer.path)]
}

/** `42 % of 9.8 GiB`, or the bytes if nobody knows how many there will be. */
function progress({ bytes: done, size }: TransferStatus): string {
  if (size === undefined) return bytes(done)
  const share = size === 0 ? 100 : Math.min(100, Math.floor((done / size) * 100))
  return `${share} % of ${bytes(size)}`
}

function pad(cell: string, widths: readonly number[], column: number): string {
  const width = widths[column] ?? 0
  return RIGHT.includes(HEADINGS[column] ?? '') ? cell.padStart(width) : cell.padEnd(width)
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

function bytes(count: number): string {
  let exponent = 0
  while (exponent < UNITS.length - 1 && count / 1024 ** exponent >= 999.5) exponent++
  const value = count / 1024 ** exponent
  return `${exponent === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[exponent]}`
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`
}

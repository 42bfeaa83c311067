import { FtpError } from '@jftp/client'
import { readTime } from '../settings/setting-values.js'
import type { FlagValues } from './command.js'

/** The flags of share and receive. */
export const oneOffFlags = {
  host: {
    spelling: '--host',
    value: 'ADDRESS',
    help: 'the address of this machine to listen on and to print; without it, all are listened on and the first is printed',
  },
  port: { spelling: '--port', value: 'N', help: 'the port to listen on; without it, a free one' },
  timeLimit: {
    spelling: '--time-limit',
    value: 'TIME',
    help: 'end if nobody has begun after this long: 90, 10m, 8h; without it, 1h',
  },
  qr: { spelling: '--qr', help: 'show the command as a QR code too' },
} as const

export type OneOffFlags = FlagValues<typeof oneOffFlags>

export interface OneOffOptions {
  readonly host: string | undefined
  /** 0 is a free one. */
  readonly port: number
  readonly timeLimitMs: number
  /** The same as it was written, with its unit. */
  readonly timeLimit: string
  readonly qr: 'shown' | 'none'
}

const DEFAULT_TIME_LIMIT = '1h'

/** Throws `usage`. */
export function readOneOffFlags({
  host,
  port = '0',
  timeLimit = DEFAULT_TIME_LIMIT,
  qr,
}: OneOffFlags): OneOffOptions {
  if (host === '') throw new FtpError('usage', '--host is empty; name an address of this machine')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new FtpError('usage', `--port is a number from 1 to 65535, or 0 for a free one, not '${port}'`)
  }
  return {
    host,
    port: Number(port),
    timeLimitMs: readTime('--time-limit', timeLimit),
    timeLimit: /\d$/.test(timeLimit) ? `${timeLimit}s` : timeLimit,
    qr: qr ? 'shown' : 'none',
  }
}

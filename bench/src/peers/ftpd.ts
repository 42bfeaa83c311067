import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { LOOPBACK, type Site } from '../site.js'
import type { Workbench } from '../workbench.js'

export interface Ftpd {
  readonly process: ChildProcess
  readonly pid: number
  /** As in `jftp://127.0.0.1:9021/`. */
  readonly url: string
  /** Connections it takes at once. */
  readonly maxConnections: number
}

export interface FtpdOptions {
  readonly checkout?: string
  readonly site?: Site
  /** More options of its command line. */
  readonly options?: readonly string[]
}

/** How much of what ftpd says why it can't start is quoted. */
const STDERR_HEAD = 500

type Ready = Pick<Ftpd, 'url' | 'maxConnections'>

/** This checkout of the repository. */
export const THIS_CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url))

/** Starts a checkout's ftpd on the served folder: with the defaults of its command line, unless `options` say more. */
export async function startFtpd(
  workbench: Workbench,
  { checkout = THIS_CHECKOUT, site = LOOPBACK, options = [] }: FtpdOptions = {},
): Promise<Ftpd> {
  const where = [workbench.served, '--host', site.host, '--port', '0', '--log-format', 'json']
  const args = [programOf('ftpd', checkout), ...where, ...options]
  const child = workbench.start(site.server({ program: process.execPath, args }), 'pipe')
  if (child.stdout === null || child.pid === undefined) throw new Error('ftpd did not start')
  const lines = createInterface({ input: child.stdout })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, STDERR_HEAD)
  })
  const ended = once(child, 'close').then(() => {
    throw new Error(`ftpd ended before it was ready: ${stderr.trim()}`)
  })
  const ready = await Promise.race([readyRecord(lines), ended])
  ended.catch(() => {})
  // The rest is read and thrown away: a log nobody reads would stop the server once the pipe is full, and to parse its
  // lines would take CPU time from the peers, of which no other one has its log read.
  lines.close()
  child.stdout.resume()
  return { process: child, pid: child.pid, ...ready }
}

/** The path of a program of ours, as a user of a clone runs it. */
export function programOf(name: 'ftp' | 'ftpd', checkout = THIS_CHECKOUT): string {
  return join(checkout, `bin/${name}.js`)
}

function readyRecord(lines: NodeJS.EventEmitter): Promise<Ready> {
  return new Promise((resolve) => {
    lines.on('line', (line: string) => {
      const { type, url, maxConnections } = JSON.parse(line) as Ready & { type: string }
      if (type === 'ready') resolve({ url, maxConnections })
    })
  })
}

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Workbench } from '../workbench.js'

export interface Ftpd {
  readonly process: ChildProcess
  readonly pid: number
  /** `jftp://127.0.0.1:PORT/` */
  readonly url: string
}

/** This checkout of the repository. */
export const THIS_CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url))

/** Starts a checkout's ftpd on the served folder, with the defaults of its command line. */
export async function startFtpd(workbench: Workbench, checkout = THIS_CHECKOUT): Promise<Ftpd> {
  const args = [programOf('ftpd', checkout), workbench.served, '--port', '0', '--log-format', 'json']
  const child = workbench.start({ program: process.execPath, args }, 'pipe')
  if (child.stdout === null || child.pid === undefined) throw new Error('ftpd did not start')
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(() => {
    throw new Error('ftpd ended before it was ready')
  })
  const url = await Promise.race([readyUrl(lines), ended])
  ended.catch(() => {})
  return { process: child, pid: child.pid, url }
}

/** The path of a program of ours, as a user of a clone runs it. */
export function programOf(name: 'ftp' | 'ftpd', checkout = THIS_CHECKOUT): string {
  return join(checkout, `bin/${name}.js`)
}

/** Reads on after the first match: a log nobody reads would stop the server once the pipe is full. */
function readyUrl(lines: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => {
    lines.on('line', (line: string) => {
      const record = JSON.parse(line) as { type?: string; url?: string }
      if (record.type === 'ready' && record.url !== undefined) resolve(record.url)
    })
  })
}

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type FtpClient } from '@jftp/client'
import { type Ftpd, programOf, startFtpd } from '../peers/ftpd.js'
import { makeCertificate } from '../peers/tls.js'
import { Skip } from '../skip.js'
import { median } from '../statistics.js'
import type { Workbench } from '../workbench.js'
import { residenceOf } from './memory-watch.js'
import { writeRandomFile } from './random-file.js'
import { checkRoom } from './space.js'

/** What idle connections cost ftpd, and the client that works beside them. */
export interface IdleResult {
  readonly connections: number
  /** Bytes of ftpd's memory for each. */
  readonly bytesEach: number
  /** Bytes of ftpd's memory with all of them open. */
  readonly total: number
  /** The speed of a put beside them, divided by the speed of one before they were there. */
  readonly putRatio: number
}

export interface IdleOptions {
  /** Idle connections held at once. */
  readonly connections: number
  /** Bytes of the file that the working client puts. */
  readonly size: number
  /** Puts before and puts beside the idle connections. */
  readonly rounds: number
}

/** Opened before the first measurement: what code and pools cost once is not the connections' own. */
const WARM_UP = 100
const AT_ONCE = 50
/** For the collector, and buffers that are given back a moment later. */
const SETTLE_MS = 3000
const FILE = 'idle.bin'

/** Without TLS, or with a certificate of the bench's own. */
export async function measureIdleConnections(
  workbench: Workbench,
  scheme: 'jftp' | 'jftps',
  { connections, size, rounds }: IdleOptions,
): Promise<IdleResult> {
  if (process.platform !== 'linux') throw new Skip('needs /proc')
  checkRoom(workbench.folder, 3 * size)
  // All connections come from one address, and all of them count. One more is that of the client that works.
  const room = WARM_UP + connections + 1
  const certificate = scheme === 'jftps' ? makeCertificate(workbench.folder) : undefined
  const limits = [
    '--max-connections',
    `${room}`,
    '--max-connections-per-ip',
    `${room}`,
    '--idle-timeout',
    '3600',
  ]
  const ftpd = await startFtpd(workbench, { options: [...limits, ...(certificate?.options ?? [])] })
  const source = join(workbench.local, FILE)
  const clients: FtpClient[] = []
  const grow = async (count: number) => {
    while (clients.length < count) {
      const opening = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () =>
        connect(ftpd.url, { pin: certificate?.pin }),
      )
      clients.push(...(await Promise.all(opening)))
    }
    await sleep(SETTLE_MS)
    return residenceOf(ftpd.pid)?.now ?? Number.NaN
  }
  try {
    if (ftpd.maxConnections < room) throw new Skip(`ulimit -n is too low for ${room} connections`)
    writeRandomFile(source, size)
    const put = () => timePuts(workbench, ftpd, { source, rounds, pin: certificate?.pin })
    // The buffers of a transfer are not the connections' own either.
    const alone = await put()
    const before = await grow(WARM_UP)
    const total = await grow(WARM_UP + connections)
    const beside = await put()
    // Held, and still served.
    await clients.at(-1)?.ping()
    return { connections, total, bytesEach: (total - before) / connections, putRatio: alone / beside }
  } finally {
    await Promise.all(clients.map((client) => client.close()))
    await workbench.stop(ftpd.process)
    rmSync(source, { force: true })
  }
}

interface Puts {
  readonly source: string
  readonly rounds: number
  readonly pin: string | undefined
}

/** The median of the milliseconds that `ftp put` takes, from its start to its end. The first one does not count. */
async function timePuts(workbench: Workbench, ftpd: Ftpd, { source, rounds, pin }: Puts): Promise<number> {
  const trust = pin === undefined ? [] : ['--pin', pin]
  const args = [programOf('ftp'), 'put', source, `${ftpd.url}${FILE}`, '--digest', 'blake3', ...trust]
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const ms = await workbench.time({ program: process.execPath, args })
    if (round > 0) times.push(ms)
    rmSync(join(workbench.served, FILE))
  }
  return median(times)
}

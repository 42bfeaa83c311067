import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type FtpClient } from '@jftp/client'
import { startFtpd } from '../peers/ftpd.js'
import { Skip } from '../skip.js'
import type { Workbench } from '../workbench.js'
import { residenceOf } from './memory-watch.js'

/** What idle connections cost ftpd. */
export interface IdleResult {
  readonly connections: number
  /** Bytes of ftpd's memory for each. */
  readonly bytesEach: number
  /** Bytes of ftpd's memory with all of them open. */
  readonly total: number
}

/** Opened before the first measurement: what code and pools cost once is not the connections' own. */
const WARM_UP = 100
const AT_ONCE = 50
/** For the collector, and buffers that are given back a moment later. */
const SETTLE_MS = 3000

export async function measureIdleConnections(workbench: Workbench, connections: number): Promise<IdleResult> {
  if (process.platform !== 'linux') throw new Skip('needs /proc')
  // All connections come from one address, and all of them count.
  const room = WARM_UP + connections
  const ftpd = await startFtpd(workbench, {
    options: ['--max-connections', `${room}`, '--max-connections-per-ip', `${room}`],
  })
  const clients: FtpClient[] = []
  const grow = async (count: number) => {
    while (clients.length < count) {
      const opening = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () =>
        connect(ftpd.url),
      )
      clients.push(...(await Promise.all(opening)))
    }
    await sleep(SETTLE_MS)
    return residenceOf(ftpd.pid)?.now ?? Number.NaN
  }
  try {
    if (ftpd.maxConnections < room) throw new Skip(`ulimit -n is too low for ${room} connections`)
    const before = await grow(WARM_UP)
    const total = await grow(room)
    // Held, and still served.
    await clients.at(-1)?.ping()
    return { connections, total, bytesEach: (total - before) / connections }
  } finally {
    await Promise.all(clients.map((client) => client.close()))
    await workbench.stop(ftpd.process)
  }
}

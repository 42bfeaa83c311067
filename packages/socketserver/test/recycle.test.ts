import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { connectTo, readAll } from './clients.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const KIB = 1024

/** From what is copied to what fills the largest buffers, and sizes that end just before and after a buffer's end. */
const SIZES = [
  1,
  100,
  40 * KIB,
  64 * KIB,
  1,
  64 * KIB + 1,
  512 * KIB,
  512 * KIB - 1,
  3000 * KIB,
  7,
  8000 * KIB,
]

interface Told {
  readonly sha256: string
  readonly unchanged: boolean
  readonly detached: number
  readonly largest: number
}

describe.each(columns)('%sTCPServer, with a handler that gives memory back', (column) => {
  it('all that comes is whole, and what the handler keeps stays as it is', async () => {
    const heard: Told[] = []
    class Server extends tcpServerClass(column) {
      override handleMessage(message: unknown) {
        heard.push(message as Told)
      }
    }
    const server = await Server.listen(['127.0.0.1', 0], fixture('recycling-handler.js'), workers(column))
    const serving = server.serveForever()
    const sent = await Promise.all(Array.from({ length: column === '' ? 1 : 3 }, () => sendAll(server)))
    await server.serverClose()
    await serving
    expect(heard.map(({ sha256 }) => sha256).sort()).toEqual(sent.sort())
    for (const { unchanged, detached, largest } of heard) {
      expect(unchanged).toBe(true)
      // Only between threads is memory given away, and larger than Node's own.
      expect(detached > 0).toBe(column === 'Threading')
      expect(largest > 64 * KIB).toBe(column === 'Threading')
    }
  })
})

/** Sends pieces of all sizes, some with a pause after them; resolves with the digest of all. */
async function sendAll({ serverAddress }: Awaited<ReturnType<ReturnType<typeof tcpServerClass>['listen']>>) {
  const socket = await connectTo(serverAddress)
  const hash = createHash('sha256')
  for (const [index, size] of SIZES.entries()) {
    const bytes = randomBytes(size)
    hash.update(bytes)
    if (!socket.write(bytes)) await once(socket, 'drain')
    if (index % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  socket.end()
  await readAll(socket)
  return hash.digest('hex')
}

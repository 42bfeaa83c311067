import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connectTo, readSome } from './clients.js'
import { concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const CONNECTIONS = 2_000
/** Connections that are being made at the same moment: fewer than any kernel's limit on waiting ones. */
const AT_ONCE = 100

describe.each(concurrentColumns)('%sTCPServer', (column) => {
  it(`holds ${CONNECTIONS} connections at once, each of them answered`, async () => {
    const server = await tcpServerClass(column).listen(['127.0.0.1', 0], fixture('command-handler.js'), {
      ...workers(column, 2),
    })
    const serving = server.serveForever()
    const sockets: Socket[] = []
    while (sockets.length < CONNECTIONS) {
      const more = Array.from({ length: AT_ONCE }, () => connectTo(server.serverAddress))
      sockets.push(...(await Promise.all(more)))
    }
    for (const round of ['first', 'second']) {
      const answers = sockets.map(readSome)
      sockets.forEach((socket, index) => socket.write(`echo ${round} ${index}\n`))
      expect(await Promise.all(answers)).toEqual(sockets.map((_, index) => `${round} ${index}\n`))
      expect(server.activeRequests).toBe(CONNECTIONS)
    }
    for (const socket of sockets) socket.end()
    await server.serverClose()
    expect(server.activeRequests).toBe(0)
    for (const socket of sockets) socket.destroy()
    await serving
  })
})

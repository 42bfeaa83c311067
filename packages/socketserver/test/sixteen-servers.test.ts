import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address, BaseServer } from '@jftp/socketserver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exchange, exchangeDatagram } from './clients.js'
import { columns, fixture, hasUnixDatagrams, serverClass, type Transport, workers } from './server-table.js'
import { exchangeUnixDatagram } from './unix-datagram-client.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

interface Row {
  readonly handler: string
  readonly address: () => Address
  readonly exchange: (address: never, text: string) => Promise<string>
}

const rows: Record<Transport, Row> = {
  TCP: { handler: 'line-handler.js', address: () => ['127.0.0.1', 0], exchange },
  UnixStream: { handler: 'line-handler.js', address: () => join(folder, 'server'), exchange },
  UDP: { handler: 'datagram-line-handler.js', address: () => ['127.0.0.1', 0], exchange: exchangeDatagram },
  UnixDatagram: {
    handler: 'datagram-line-handler.js',
    address: () => join(folder, 'server'),
    exchange: (address, text) => exchangeUnixDatagram(address, join(folder, 'client'), text),
  },
}

for (const transport of ['TCP', 'UDP', 'UnixStream', 'UnixDatagram'] as const) {
  describe.skipIf(transport === 'UnixDatagram' && !hasUnixDatagrams)(transport, () => {
    for (const column of columns) {
      const Server = serverClass(column, transport)
      it(`${Server.name} serves three clients, then shuts down and leaves nothing`, async () => {
        const { handler, address, exchange } = rows[transport]
        const server: BaseServer = new Server(address(), fixture(handler), { ...workers(column, 2) })
        await server.ready
        const serving = server.serveForever()
        expect(server.fileno()).toBeGreaterThanOrEqual(0)
        for (const text of ['one\n', 'two\n', 'three\n']) {
          expect(await exchange(server.serverAddress as never, text)).toBe(text)
        }
        await server.shutdown()
        await serving
        await server.serverClose()
        expect(server.fileno()).toBe(-1)
        expect(server.activeRequests).toBe(0)
        if ('activeChildren' in server) expect(server.activeChildren).toEqual(new Set())
      })
    }
  })
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BaseServer, TCPServer } from '@jftp/socketserver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Recorded, RecordingMixIn } from './recording.js'
import { columns, fixture, hasUnixDatagrams, serverClass, workers } from './server-table.js'
import { rowsIn, transports } from './transport-rows.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const rows = rowsIn(() => folder)

for (const transport of transports) {
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

      const { handler } = rows[transport]
      const listen = async (Class: unknown = Server, options = {}) =>
        await (Class as typeof TCPServer).listen(rows[transport].address() as never, fixture(handler), {
          ...workers(column),
          ...options,
        })
      const ask = (server: BaseServer<any>, text: string) =>
        rows[transport].exchange(server.serverAddress as never, text)

      it(`${Server.name} handles exactly one request by handleRequest(), and honours its timeout`, async () => {
        let timeouts = 0
        class Timed extends (Server as typeof TCPServer) {
          override handleTimeout() {
            timeouts += 1
          }
        }
        const server = await listen(Timed, { timeout: 20 })
        await server.handleRequest()
        expect(timeouts).toBe(1)
        server.timeout = null
        for (const text of ['one\n', 'two\n']) {
          const answer = ask(server, text)
          await server.handleRequest()
          expect(await answer).toBe(text)
        }
        expect(timeouts).toBe(1)
        await server.serverClose()
      })

      it(`${Server.name} gives an error of a handler to handleError, and goes on`, async () => {
        const server = (await listen(RecordingMixIn(Server as never))) as TCPServer & Recorded
        const serving = server.serveForever()
        const lost = ask(server, 'throw\n')
        await server.until(() => server.errors.length === 1)
        expect(server.errors[0]?.error).toBeInstanceOf(RangeError)
        expect(server.errors[0]?.error).toMatchObject({ message: 'on purpose', code: 'TRIED' })
        // A datagram handler's finish() answers with what was written so far, which is nothing.
        expect(await lost).toBe('')
        expect(await ask(server, 'fine\n')).toBe('fine\n')
        await server.serverClose()
        await serving
      })

      it(`${Server.name} shuts a request down once that verifyRequest refuses`, async () => {
        let handled = 0
        let shutDown = 0
        let refusing = true
        class Verifying extends (Server as typeof TCPServer) {
          override verifyRequest() {
            return !refusing
          }
          override async finishRequest(request: never, clientAddress: never) {
            handled += 1
            await super.finishRequest(request, clientAddress)
          }
          override async shutdownRequest(request: never) {
            shutDown += 1
            await super.shutdownRequest(request)
          }
        }
        const server = await listen(Verifying)
        const refused = rows[transport].send(server.serverAddress as never, 'no\n')
        await server.handleRequest()
        expect([handled, shutDown]).toEqual([0, 1])
        const answered = await refused
        if (transport === 'TCP' || transport === 'UnixStream') expect(answered).toBe('')
        refusing = false
        const answer = ask(server, 'yes\n')
        await server.handleRequest()
        expect(await answer).toBe('yes\n')
        await server.serverClose()
      })

      it(`${Server.name} answers what its handlers ask`, async () => {
        class Answering extends (Server as typeof TCPServer) {
          override handleQuestion(question: unknown) {
            return Promise.resolve(`asked: ${question}`)
          }
        }
        const server = await listen(Answering)
        const serving = server.serveForever()
        expect(await ask(server, 'ask\n')).toBe('asked: ask\n')
        await server.serverClose()
        await serving
      })

      it(`${Server.name} ends a loop that has just been started, and is closed by disposing`, async () => {
        const server = await listen()
        const serving = server.serveForever()
        await server.shutdown()
        await serving
        const again = server.serveForever()
        await server[Symbol.asyncDispose]()
        await again
        expect(server.fileno()).toBe(-1)
      })
    }
  })
}

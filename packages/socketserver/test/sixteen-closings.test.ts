import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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
const onLinux = process.platform === 'linux'
const threads = () => readdirSync('/proc/self/task').length
const descriptors = () => readdirSync('/proc/self/fd').length

for (const transport of transports) {
  describe.skipIf(transport === 'UnixDatagram' && !hasUnixDatagrams)(transport, () => {
    const { handler, address, exchange, send } = rows[transport]
    for (const column of columns) {
      const Server = serverClass(column, transport) as typeof TCPServer
      const hasWorkers = column === 'Threading' || column === 'Forking'
      const create = (at: unknown = address(), Class: unknown = Server, count = 1) =>
        new (Class as typeof Server)(at as never, fixture(handler), workers(column, count))
      const ask = (server: BaseServer<any>, text: string) => exchange(server.serverAddress as never, text)

      it(`${Server.name} can be closed at once`, async () => {
        const server = create()
        await server.serverClose()
        await server.serverClose()
        expect(server.fileno()).toBe(-1)
      })

      it.skipIf(!onLinux)(`${Server.name} leaks no descriptor if it can not bind`, async () => {
        const first = create()
        await first.ready
        const before = descriptors()
        for (let round = 0; round < 20; round += 1) {
          const second = create(first.serverAddress)
          await expect(second.ready).rejects.toMatchObject({ code: 'EADDRINUSE' })
          expect(second.fileno()).toBe(-1)
        }
        expect(descriptors()).toBeLessThanOrEqual(before)
        await first.serverClose()
      })

      it(`${Server.name} is closed by its deadline if a handler never returns`, async () => {
        const server = create(address(), RecordingMixIn(Server)) as TCPServer & Recorded
        await server.ready
        const serving = server.serveForever()
        // The event loop can't stop a handler that never awaits.
        const sent = send(server.serverAddress as never, hasWorkers ? 'loop\n' : 'wait\n')
        await server.until(() => server.messages.length === 1)
        await server.serverClose({ timeout: 20 })
        await serving
        await sent
        expect(server.activeRequests).toBe(0)
        expect(server.errors.map(({ error }) => error.code)).toEqual(['TIMED_OUT'])
        expect(server.fileno()).toBe(-1)
      })

      if (hasWorkers) {
        it(`${Server.name} goes on if a handler ends its worker`, async () => {
          const server = create(address(), RecordingMixIn(Server)) as TCPServer & Recorded
          await server.ready
          const serving = server.serveForever()
          const sent = send(server.serverAddress as never, 'exit\n')
          await server.until(() => server.errors.length + server.workerExits.length === 2)
          await sent
          expect(server.errors[0]?.error).toMatchObject({ code: 'WORKER_EXITED' })
          expect(await ask(server, 'fine\n')).toBe('fine\n')
          await server.serverClose()
          await serving
        })
      } else {
        it(`${Server.name} does not take the end of its process for an error`, async () => {
          const script = fixture('exit-in-handler.js').pathname
          const run = promisify(execFile)(process.execPath, [script, Server.name, folder])
          await expect(run).rejects.toMatchObject({ code: 72, stdout: '' })
        })
      }

      it.skipIf(!onLinux)(
        `${Server.name} keeps no thread or descriptor of requests that are over`,
        async () => {
          const run = async () => {
            const server = create(address(), Server, 2)
            await server.ready
            for (let request = 0; request < 10; request += 1) {
              const answer = ask(server, 'x\n')
              await server.handleRequest()
              expect(await answer).toBe('x\n')
            }
            const during = threads()
            await server.requestsEnded()
            expect(server.activeRequests).toBe(0)
            await server.serverClose()
            return during
          }
          await run()
          const before = { threads: threads(), descriptors: descriptors() }
          const during = await run()
          expect(during).toBe(before.threads + (column === 'Threading' ? 2 : 0))
          expect(threads()).toBeLessThanOrEqual(before.threads)
          expect(descriptors()).toBeLessThanOrEqual(before.descriptors)
        },
      )
    }
  })
}

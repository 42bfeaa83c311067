import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamRequestHandler, TCPServer } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, readAll, readSome } from './clients.js'
import { columns, fixture, serverClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const

const servers = columns.flatMap((column) =>
  (['TCP', 'UnixStream'] as const).map((transport) => [column, transport] as const),
)

describe('wfile', () => {
  it.each(servers)(
    '%s%sServer: writes to the request, at once, and large writes whole',
    async (column, transport) => {
      const folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
      const address = transport === 'TCP' ? anywhere : join(folder, 'server')
      const Server = serverClass(column, transport) as typeof TCPServer
      const server = await Server.listen(address, fixture('large-writes.js'), workers(column))
      const serving = server.serveForever()
      const socket = await connectTo(server.serverAddress)
      // Nobody has flushed anything, and the handler goes on only after our answer.
      expect(await readSome(socket)).toBe('write data\n')
      socket.write('client response\n')
      const sent = JSON.parse((await readAll(socket)).replace(/^\0+/, ''))
      const large = 16 * 1024 * 1024 + 1
      expect(sent).toEqual({ first: 11, received: 'client response\n', large, kinds: [true, true] })
      await server.serverClose()
      await serving
      rmSync(folder, { recursive: true })
    },
  )
})

describe('timeout', () => {
  it('ends a read that waits too long, and one that does not goes on', async () => {
    const seen: unknown[] = []
    class Handler extends StreamRequestHandler {
      override timeout: number | null = 20
      override async handle() {
        seen.push((await this.rfile.readLine()).toString())
        seen.push(await this.rfile.readLine().catch((error: unknown) => error))
        this.rfile.readLine().catch(() => {})
      }
    }
    const server = await TCPServer.listen(anywhere, Handler)
    const socket = await connectTo(server.serverAddress)
    socket.write('prompt\n')
    await server.handleRequest()
    expect(seen).toEqual(['prompt\n', expect.objectContaining({ code: 'TIMED_OUT' })])
    socket.destroy()
    await server.serverClose()
  })

  it('ends a write to a peer that does not read', async () => {
    let failure: unknown
    class Handler extends StreamRequestHandler {
      override timeout: number | null = 20
      override async handle() {
        try {
          for (;;) await this.wfile.write(Buffer.alloc(1024 * 1024))
        } catch (error) {
          failure = error
          this.request.destroy()
        }
      }
    }
    const server = await TCPServer.listen(anywhere, Handler)
    const socket = await connectTo(server.serverAddress)
    socket.pause()
    socket.on('error', () => {})
    await server.handleRequest()
    expect(failure).toMatchObject({ code: 'TIMED_OUT' })
    socket.destroy()
    await server.serverClose()
  })

  it('and Nagle can be had back, in a thread as well', async () => {
    class Handler extends StreamRequestHandler {
      override disableNagleAlgorithm = false
      override async handle() {
        await this.wfile.write(await this.rfile.readLine())
      }
    }
    const server = await TCPServer.listen(anywhere, Handler)
    const socket = await connectTo(server.serverAddress)
    socket.end('still works\n')
    const handled = server.handleRequest()
    await once(socket, 'readable')
    expect(socket.read().toString()).toBe('still works\n')
    socket.resume()
    await handled
    await server.serverClose()
    socket.destroy()
  })
})

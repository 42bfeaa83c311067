import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connectTo, readSome } from './clients.js'
import { RecordingMixIn } from './recording.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const handler = fixture('late-reader.js')
const LINE = 'first\n'
const TEXT = 'came before the reset\n'.repeat(400)

describe.each(columns)('%sTCPServer: a client that resets its connection', (column) => {
  it.each([
    ['while its handler reads nothing', ''],
    ['after its handler has read a line', LINE],
  ])('%s loses nothing that arrived before', async (_when, line) => {
    class Server extends RecordingMixIn(tcpServerClass(column)) {
      override handleQuestion(_question: unknown, request: Socket) {
        return request.bytesRead
      }
    }
    const context = { readsLine: line !== '', bytes: line.length + TEXT.length }
    const server = await Server.listen(anywhere, handler, { ...workers(column), context })
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    if (line !== '') {
      socket.write(line)
      expect(await readSome(socket)).toBe(line)
    }
    socket.write(TEXT)
    expect(await readSome(socket)).toBe('all has arrived')
    socket.resetAndDestroy()
    await server.until(() => server.messages.length + server.errors.length === 1)
    expect(server.messages).toEqual([{ text: TEXT, end: 'ECONNRESET' }])
    await server.serverClose()
    await serving
  })
})

// The last column does not read from a connection before it has a handler.
describe.each(columns.slice(0, 3))('%sTCPServer: a client that resets its connection', (column) => {
  it('while it waits for a handler loses nothing that arrived before', async () => {
    class Server extends RecordingMixIn(tcpServerClass(column)) {
      override async verifyRequest(request: Socket) {
        while (request.bytesRead < TEXT.length) await nextTurn()
        request.write('all has arrived')
        await new Promise<void>((resolve) => request.once('close', () => resolve()))
        return true
      }
    }
    const context = { readsLine: false, bytes: 0 }
    const server = await Server.listen(anywhere, handler, { ...workers(column), context })
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.write(TEXT)
    await once(socket, 'data')
    socket.resetAndDestroy()
    await server.until(() => server.messages.length + server.errors.length === 1)
    expect(server.messages).toEqual([{ text: TEXT, end: 'ECONNRESET' }])
    await server.serverClose()
    await serving
  })
})

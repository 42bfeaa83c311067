import { PassThrough } from 'node:stream'
import { sendOwned } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { exchange } from './clients.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const

describe.each(columns)('%sTCPServer', (column) => {
  const inThread = column === 'Threading'

  it('sendOwned: four buffers go round for ever, and come back in order and whole', async () => {
    const heard: unknown[] = []
    class Server extends tcpServerClass(column) {
      override handleMessage(message: unknown) {
        heard.push(message)
      }
    }
    const server = await Server.listen(anywhere, fixture('owned-buffers.js'), {
      ...workers(column),
    })
    const serving = server.serveForever()
    const sent = await exchange(server.serverAddress, '')
    expect(sent).toBe(
      Array.from({ length: 40 }, (_, index) => String.fromCharCode(65 + (index % 26)).repeat(100_000)).join(
        '',
      ) + 'written before the caller changed it, and after',
    )
    await server.serverClose()
    await serving
    expect(heard).toEqual([
      { returned: 40, size: 131_072, distinct: inThread ? 40 : 4, detached: inThread, kept: true },
    ])
  })
})

describe('sendOwned', () => {
  it('refuses memory that can not be given away', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8))
    const request = new PassThrough()
    expect(() => sendOwned(request, shared)).toThrow(TypeError)
  })
})

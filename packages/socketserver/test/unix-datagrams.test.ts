import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatagramRequestHandler, UnixDatagramServer } from '@jftp/socketserver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasUnixDatagrams } from './server-table.js'
import { bindUnixDatagram, exchangeUnixDatagram } from './unix-datagram-client.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

class ManyAnswers extends DatagramRequestHandler {
  override async handle() {
    for (let index = 0; index < 200; index += 1) await this.socket.send(String(index), this.clientAddress)
  }
}

class Reversed extends DatagramRequestHandler {
  override async handle() {
    await this.wfile.write([...this.packet.toString()].reverse().join(''))
  }
}

describe.skipIf(!hasUnixDatagrams)('UnixDatagramServer', () => {
  it('waits for a receiver whose short queue is full', async () => {
    const server = await UnixDatagramServer.listen(join(folder, 'server'), ManyAnswers)
    const client = bindUnixDatagram(join(folder, 'client'))
    const received: string[] = []
    const all = new Promise<void>((resolve) => {
      client.on('message', (packet: Buffer) => {
        // 200 and the empty one that finish() sends.
        if (received.push(packet.toString()) === 201) resolve()
      })
    })
    client.send(Buffer.from('go'), 0, 2, server.serverAddress)
    await server.handleRequest()
    await all
    expect(received).toEqual([...Array.from({ length: 200 }, (_, index) => String(index)), ''])
    client.close()
    await server.serverClose()
  })

  it('has nobody to answer if the client has no path, and says so only if it tries', async () => {
    const errors: unknown[] = []
    class Server extends UnixDatagramServer {
      override handleError(_request: unknown, _clientAddress: unknown, error: unknown) {
        errors.push(error)
      }
    }
    const client = bindUnixDatagram(undefined)
    for (const [Handler, count] of [
      [DatagramRequestHandler, 0],
      [Reversed, 1],
    ] as const) {
      const server = await Server.listen(join(folder, 'server'), Handler)
      client.send(Buffer.from('hi'), 0, 2, server.serverAddress)
      await server.handleRequest()
      expect(errors).toHaveLength(count)
      await server.serverClose()
    }
    client.close()
  })

  it('reports a path that is taken, and gives it free when it closes', async () => {
    const path = join(folder, 'server')
    const server = await UnixDatagramServer.listen(path, Reversed)
    const failure = { code: 'EADDRINUSE', syscall: 'bind' }
    await expect(UnixDatagramServer.listen(path, Reversed)).rejects.toMatchObject(failure)
    await server.serverClose()
    expect(readdirSync(folder)).toEqual([])
    const next = await UnixDatagramServer.listen(path, Reversed)
    const answer = exchangeUnixDatagram(path, join(folder, 'client'), 'abc')
    await next.handleRequest()
    expect(await answer).toBe('cba')
    await next.serverClose()
  })
})

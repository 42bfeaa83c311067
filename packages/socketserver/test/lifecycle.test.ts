import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { BaseRequestHandler, TCPServer, ThreadingMixIn, UDPServer } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, exchange, readAll } from './clients.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const

describe('shutdown', () => {
  it('always ends a loop that has just been started', async () => {
    const servers = Array.from({ length: 20 }, () => new TCPServer(anywhere, BaseRequestHandler))
    const loops = servers.map(async (server) => {
      const serving = server.serveForever()
      await server.shutdown()
      await serving
    })
    await Promise.all(loops)
    for (const server of servers) await server.serverClose()
  })

  it('ends a loop that starts only afterwards, and the server can serve again', async () => {
    const server = await TCPServer.listen(anywhere, fixture('line-handler.js'))
    await server.shutdown()
    await server.serveForever()
    for (let round = 0; round < 2; round += 1) {
      const serving = server.serveForever()
      expect(await exchange(server.serverAddress, `round ${round}\n`)).toBe(`round ${round}\n`)
      await server.shutdown()
      await serving
    }
    await server.serverClose()
  })

  it.each(columns)(
    '%sTCPServer: handlers hear of it, and a later loop has a fresh signal',
    async (column) => {
      const server = await tcpServerClass(column).listen(
        anywhere,
        fixture('command-handler.js'),
        workers(column),
      )
      for (let round = 0; round < 2; round += 1) {
        const serving = server.serveForever()
        const socket = await connectTo(server.serverAddress)
        socket.end('untilClosing\n')
        const answer = readAll(socket)
        await new Promise((resolve) => socket.once('data', resolve))
        await server.shutdown()
        await serving
        expect(await answer).toBe('waiting\nclosing\n')
      }
      await server.serverClose()
    },
  )

  it('is what the signal of serveForever does', async () => {
    const server = await TCPServer.listen(anywhere, BaseRequestHandler)
    const stop = new AbortController()
    const serving = server.serveForever({ signal: stop.signal })
    stop.abort()
    await serving
    await server.serveForever({ signal: stop.signal })
    expect(server.closing.aborted).toBe(true)
    await server.serverClose()
  })

  it('leaves requests that wait to the next loop', async () => {
    const server = await TCPServer.listen(anywhere, fixture('line-handler.js'))
    await server.shutdown()
    const answer = exchange(server.serverAddress, 'patience\n')
    await server.serveForever()
    const serving = server.serveForever()
    expect(await answer).toBe('patience\n')
    await server.serverClose()
    await serving
  })
})

describe('one loop at a time', () => {
  it('refuses a second serveForever()', async () => {
    const server = await TCPServer.listen(anywhere, BaseRequestHandler)
    const serving = server.serveForever()
    await expect(server.serveForever()).rejects.toMatchObject({ code: 'ALREADY_SERVING' })
    await server.serverClose()
    await serving
  })
})

describe('closing', () => {
  it('closes a user class made of a mix-in at once', async () => {
    class MyServer extends ThreadingMixIn(TCPServer) {}
    const server = new MyServer(anywhere, fixture('line-handler.js'), workers('Threading'))
    await server.serverClose()
    expect(server.fileno()).toBe(-1)
  })

  it('is what disposing does, for `await using`', async () => {
    const server = await TCPServer.listen(anywhere, BaseRequestHandler)
    const serving = server.serveForever()
    expect(server.fileno()).toBeGreaterThan(0)
    await server[Symbol.asyncDispose]()
    await serving
    expect(server.fileno()).toBe(-1)
    await expect(connectTo(server.serverAddress)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(server.handleRequest()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('turns away who still waits in the queue', async () => {
    const server = await TCPServer.listen(anywhere, fixture('line-handler.js'))
    const socket = await connectTo(server.serverAddress)
    const answer = readAll(socket)
    await server.serverClose()
    expect(await answer).toBe('')
  })

  it.each(columns)('%sTCPServer leaves nothing that keeps the process alive', async (column) => {
    const script = fixture('serve-and-end.js')
    const { stdout } = await promisify(execFile)(process.execPath, [script.pathname, `${column}TCPServer`])
    expect(stdout).toBe('pong\nclosed\n')
  })
})

describe('daemon threads', () => {
  it('let the process end though a request is running', async () => {
    const script = fixture('daemon-threads-and-end.js')
    const { stdout } = await promisify(execFile)(process.execPath, [script.pathname])
    expect(stdout).toBe('running 1\n')
  })
})

describe('a failed bind', () => {
  it('leaks no descriptor, a thousand times over', async () => {
    const open = () => readdirSync('/proc/self/fd').length
    const before = process.platform === 'linux' ? open() : 0
    for (let round = 0; round < 1024; round += 1) {
      const server = new TCPServer(['127.0.0.1', -1], BaseRequestHandler)
      await expect(server.ready).rejects.toMatchObject({ code: 'BAD_OPTION' })
    }
    if (process.platform === 'linux') expect(open()).toBeLessThanOrEqual(before + 2)
  })

  it('leaks none with a taken port either, and says so at every door', async () => {
    const server = await TCPServer.listen(anywhere, BaseRequestHandler)
    const udp = await UDPServer.listen(anywhere, BaseRequestHandler)
    for (const [Server, address] of [
      [TCPServer, server.serverAddress],
      [UDPServer as unknown as typeof TCPServer, udp.serverAddress],
    ] as const) {
      await expect(Server.listen(address, BaseRequestHandler)).rejects.toMatchObject({ code: 'EADDRINUSE' })
      const second = new Server(address, BaseRequestHandler)
      await expect(second.serveForever()).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await expect(second.handleRequest()).rejects.toMatchObject({ code: 'EADDRINUSE' })
      expect(second.fileno()).toBe(-1)
    }
    await server.serverClose()
    await udp.serverClose()
  })

  it('is reported for an address that is not ours, and one of the wrong kind', async () => {
    await expect(TCPServer.listen(['192.0.2.1', 0], BaseRequestHandler)).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    })
    await expect(TCPServer.listen('/nowhere', BaseRequestHandler)).rejects.toMatchObject({
      code: 'BAD_OPTION',
    })
    await expect(UDPServer.listen('/nowhere', BaseRequestHandler)).rejects.toMatchObject({
      code: 'BAD_OPTION',
    })
  })
})

describe('binding by hand', () => {
  it("is the caller's with bindAndActivate: false, and hooks see the options", async () => {
    const calls: string[] = []
    class MyServer extends TCPServer {
      override timeout: number | null = 7
      override async serverBind() {
        await super.serverBind()
        calls.push(`bind ${this.timeout} ${this.requestQueueSize}`)
      }
      override async serverActivate() {
        await super.serverActivate()
        calls.push('activate')
      }
    }
    const server = new MyServer(anywhere, BaseRequestHandler, { bindAndActivate: false, requestQueueSize: 9 })
    await server.ready
    expect(calls).toEqual([])
    expect(server.serverAddress).toEqual(anywhere)
    await server.serverBind()
    await server.serverActivate()
    expect(calls).toEqual(['bind 7 9', 'activate'])
    expect(server.serverAddress[1]).toBeGreaterThan(0)
    await server.serverClose()
  })
})

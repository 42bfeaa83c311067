import type { Socket } from 'node:net'
import {
  BaseRequestHandler,
  type InternetAddress,
  StreamRequestHandler,
  TCPServer,
  UDPServer,
} from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, exchange, exchangeDatagram, readAll, readSome } from './clients.js'
import { columns, concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const

describe('the order of calls', () => {
  it.each(columns)('%sTCPServer: is that of the class docs', async (column) => {
    const calls: string[] = []
    class Server extends tcpServerClass(column) {
      override getRequest() {
        calls.push('getRequest')
        return super.getRequest()
      }
      override verifyRequest() {
        calls.push('verifyRequest')
        return true
      }
      override async processRequest(request: Socket, address: InternetAddress) {
        calls.push('processRequest')
        await super.processRequest(request, address)
      }
      override async finishRequest(request: Socket, address: InternetAddress) {
        calls.push('finishRequest')
        await super.finishRequest(request, address)
      }
      override async shutdownRequest(request: Socket) {
        calls.push('shutdownRequest')
        await super.shutdownRequest(request)
      }
      override closeRequest(request: Socket) {
        calls.push('closeRequest')
        void super.closeRequest(request)
      }
    }
    const server = await Server.listen(anywhere, fixture('command-handler.js'), workers(column))
    const answer = exchange(server.serverAddress, 'echo hello\n')
    await server.handleRequest()
    expect(await answer).toBe('hello\n')
    await server.serverClose()
    expect(calls).toEqual([
      'getRequest',
      'verifyRequest',
      'processRequest',
      'finishRequest',
      'shutdownRequest',
      'closeRequest',
    ])
  })
})

describe('verifyRequest', () => {
  it.each(columns)(
    '%sTCPServer: false shuts the request down once, and nothing else runs',
    async (column) => {
      const shutDown: unknown[] = []
      class Server extends tcpServerClass(column) {
        override verifyRequest() {
          return false
        }
        override async finishRequest() {
          throw new Error('must not be called')
        }
        override async shutdownRequest(request: Socket) {
          shutDown.push(request)
          await super.shutdownRequest(request)
        }
      }
      const server = await Server.listen(anywhere, fixture('command-handler.js'), workers(column))
      const socket = await connectTo(server.serverAddress)
      const answer = readAll(socket)
      await server.handleRequest()
      expect(await answer).toBe('')
      expect(shutDown).toHaveLength(1)
      await server.serverClose()
      expect(shutDown).toHaveLength(1)
    },
  )

  it('decides by address, and may take its time', async () => {
    class Server extends TCPServer {
      override async verifyRequest(_request: Socket, [host]: InternetAddress) {
        await new Promise((resolve) => setImmediate(resolve))
        return host === '127.0.0.1'
      }
    }
    const server = await Server.listen(['0.0.0.0', 0], fixture('line-handler.js'))
    const serving = server.serveForever()
    const [, port] = server.serverAddress
    expect(await exchange(['127.0.0.1', port], 'let in\n')).toBe('let in\n')
    const other = await connectTo(['127.0.0.1', port])
    other.destroy()
    const stranger = await import('node:net').then(({ connect }) =>
      connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2', allowHalfOpen: true }),
    )
    stranger.write('let me in\n')
    expect(await readAll(stranger)).toBe('')
    await server.serverClose()
    await serving
  })
})

describe('handleRequest', () => {
  it('handles exactly one', async () => {
    const server = await TCPServer.listen(anywhere, fixture('line-handler.js'))
    const [first, second] = [await connectTo(server.serverAddress), await connectTo(server.serverAddress)]
    first.end('first\n')
    second.end('second\n')
    const answers = [readAll(first), readAll(second)]
    await server.handleRequest()
    expect(await answers[0]).toBe('first\n')
    expect(server.activeRequests).toBe(0)
    await server.handleRequest()
    expect(await answers[1]).toBe('second\n')
    await server.serverClose()
  })

  it('calls handleTimeout after `timeout`, and not before', async () => {
    const calls: string[] = []
    class Server extends TCPServer {
      override handleTimeout() {
        calls.push('timeout')
      }
    }
    const server = await Server.listen(anywhere, fixture('line-handler.js'), { timeout: 30 })
    const begun = performance.now()
    await server.handleRequest()
    expect(performance.now() - begun).toBeGreaterThan(25)
    expect(calls).toEqual(['timeout'])
    server.timeout = 60_000
    const answer = exchange(server.serverAddress, 'in time\n')
    await server.handleRequest()
    expect(await answer).toBe('in time\n')
    expect(calls).toEqual(['timeout'])
    await server.serverClose()
  })

  it('ends with an error if the server is closed meanwhile', async () => {
    const server = await TCPServer.listen(anywhere, fixture('line-handler.js'))
    const handling = expect(server.handleRequest()).rejects.toMatchObject({ code: 'CLOSED' })
    await server.serverClose()
    await handling
  })
})

describe('serviceActions', () => {
  it('runs after each request, and while idle as often as pollInterval says', async () => {
    let calls = 0
    let called = () => {}
    class Server extends TCPServer {
      override serviceActions() {
        calls += 1
        called()
      }
    }
    const server = await Server.listen(anywhere, fixture('line-handler.js'))
    let serving = server.serveForever()
    await exchange(server.serverAddress, 'x\n')
    await server.shutdown()
    await serving
    expect(calls).toBeGreaterThanOrEqual(1)
    const before = calls
    const idle = new Promise<void>((resolve) => {
      called = () => calls === before + 3 && resolve()
    })
    serving = server.serveForever({ pollInterval: 2 })
    await idle
    await server.serverClose()
    await serving
  })
})

describe('what handlers see of the server', () => {
  it.each(columns)('%sTCPServer: address and context, and it hears them', async (column) => {
    const heard: unknown[] = []
    class Server extends tcpServerClass(column) {
      override handleMessage(message: unknown, clientAddress?: unknown) {
        heard.push([message, clientAddress])
      }
    }
    const context = { answer: [42n.toString()] }
    const server = await Server.listen(anywhere, fixture('command-handler.js'), {
      ...workers(column),
      context,
    })
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    const clientAddress = ['127.0.0.1', (socket.address() as { port: number }).port]
    socket.end('context\ntell good news\n')
    expect(await readAll(socket)).toBe(`{"answer":["42"]} ${server.serverAddress}\n`)
    await server.serverClose()
    await serving
    expect(heard).toEqual([['good news', clientAddress]])
  })
})

describe('one at a time', () => {
  it('a second client waits until the first is done', async () => {
    const server = await TCPServer.listen(anywhere, fixture('command-handler.js'))
    const serving = server.serveForever()
    const [first, second] = [await connectTo(server.serverAddress), await connectTo(server.serverAddress)]
    first.write('echo one\n')
    second.end('echo two\n')
    expect(await readSome(first)).toBe('one\n')
    expect(server.activeRequests).toBe(1)
    first.end()
    expect(await readAll(second)).toBe('two\n')
    first.destroy()
    await server.serverClose()
    await serving
  })
})

describe.each([
  ['Threading', { maxThreads: 2, requestsPerThread: 1 }],
  ['Forking', { maxChildren: 2, requestsPerChild: 1 }],
] as const)('%sTCPServer with one request per worker', (column, options) => {
  it('has two at once, in two workers; the third waits, and can be shut down on', async () => {
    const server = await tcpServerClass(column).listen(anywhere, fixture('command-handler.js'), options)
    let serving = server.serveForever()
    const [first, second] = [await connectTo(server.serverAddress), await connectTo(server.serverAddress)]
    for (const client of [first, second]) client.write('where\n')
    const places = [await readSome(first), await readSome(second)]
    expect(new Set(places).size).toBe(2)

    const third = await connectTo(server.serverAddress)
    third.end('where\n')
    const answer = readAll(third)
    first.write('echo still here\n')
    expect(await readSome(first)).toBe('still here\n')
    expect(server.activeRequests).toBe(2)

    await server.shutdown()
    await serving
    serving = server.serveForever()
    first.end()
    expect(places).toContain(await answer)
    second.end()
    await server.serverClose()
    await serving
    for (const client of [first, second]) client.destroy()
  })
})

describe('blockOnClose', () => {
  it.each(concurrentColumns)('%sTCPServer waits for what runs, or does not', async (column) => {
    for (const blockOnClose of [true, false]) {
      const server = await tcpServerClass(column).listen(anywhere, fixture('command-handler.js'), {
        ...workers(column),
        blockOnClose,
      })
      const serving = server.serveForever()
      const socket = await connectTo(server.serverAddress)
      socket.write('echo begun\n')
      await readSome(socket)
      let closed = false
      const closing = server.serverClose().then(() => {
        closed = true
      })
      await serving
      if (!blockOnClose) await closing
      socket.write('echo still running\n')
      expect(await readSome(socket)).toBe('still running\n')
      expect(closed).toBe(!blockOnClose)
      expect(server.activeRequests).toBe(1)
      socket.end()
      await readAll(socket)
      await closing
      await server.requestsEnded()
      expect(server.activeRequests).toBe(0)
    }
  })

  it('of daemon threads means: never, and the process may end', async () => {
    const server = await tcpServerClass('Threading').listen(anywhere, fixture('command-handler.js'), {
      ...workers('Threading'),
      daemonThreads: true,
    })
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.write('echo begun\n')
    await readSome(socket)
    await server.serverClose()
    expect(server.activeRequests).toBe(1)
    socket.end()
    await readAll(socket)
    await server.requestsEnded()
    await serving
  })
})

describe('closeAllRequests', () => {
  it.each(concurrentColumns)('%sTCPServer: cuts clients off and handlers end', async (column) => {
    class Server extends tcpServerClass(column) {
      override handleError() {}
    }
    const server = await Server.listen(anywhere, fixture('command-handler.js'), workers(column))
    const serving = server.serveForever()
    const sockets = [await connectTo(server.serverAddress), await connectTo(server.serverAddress)]
    for (const socket of sockets) socket.write('echo begun\n')
    await Promise.all(sockets.map(readSome))
    const ended = sockets.map(readAll)
    await server.shutdown()
    server.closeAllRequests()
    await server.serverClose()
    expect(await Promise.all(ended)).toEqual(['', ''])
    expect(server.activeRequests).toBe(0)
    await serving
  })
})

describe('a half-closed connection', () => {
  it.each(columns)('%sTCPServer: the answer comes after the client has ended', async (column) => {
    const server = await tcpServerClass(column).listen(
      anywhere,
      fixture('command-handler.js'),
      workers(column),
    )
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.end('untilClosing\n')
    expect(await readSome(socket)).toBe('waiting\n')
    const answer = readAll(socket)
    await server.shutdown()
    expect(await answer).toBe('closing\n')
    await server.serverClose()
    await serving
  })

  it.each(columns)(
    '%sTCPServer: all of a large answer comes though the client still sends',
    async (column) => {
      const server = await tcpServerClass(column).listen(
        anywhere,
        fixture('flood-then-return.js'),
        workers(column),
      )
      const serving = server.serveForever()
      const socket = await connectTo(server.serverAddress)
      // Never read by the handler: closing with it unread must not reset the connection.
      socket.write(Buffer.alloc(300_000))
      expect(await readAll(socket)).toHaveLength(5_000_000)
      await server.serverClose()
      await serving
    },
  )
})

describe('datagrams', () => {
  it('are cut at maxPacketSize and dropped beyond requestQueueSize', async () => {
    const server = await UDPServer.listen(anywhere, fixture('datagram-line-handler.js'), {
      maxPacketSize: 4,
      requestQueueSize: 2,
    })
    const answers = Promise.all(
      ['a234567', 'b2345678'].map((text) => exchangeDatagram(server.serverAddress, text)),
    )
    await server.handleRequest()
    await server.handleRequest()
    expect(await answers).toEqual(['a234', 'b234'])
    await server.serverClose()
  })

  it.each(['Threading', 'Forking'] as const)(
    '%sUDPServer answers what runs when it is closed',
    async (column) => {
      const { serverClass } = await import('./server-table.js')
      const Server = serverClass(column, 'UDP') as typeof UDPServer
      const server = await Server.listen(anywhere, fixture('datagram-line-handler.js'), workers(column))
      const answer = exchangeDatagram(server.serverAddress, 'last words\n')
      await server.handleRequest()
      await server.serverClose()
      expect(await answer).toBe('last words\n')
    },
  )
})

describe('a class in place of a URL', () => {
  it('will do where handlers run in this process', async () => {
    const seen: unknown[] = []
    class Handler extends StreamRequestHandler {
      override async handle() {
        seen.push(this.request, this.server, await this.rfile.readAll())
      }
    }
    const server = await TCPServer.listen(anywhere, Handler)
    const done = exchange(server.serverAddress, 'all of it')
    await server.handleRequest()
    await done
    expect(seen).toEqual([expect.anything(), server, Buffer.from('all of it')])
    await server.serverClose()
  })

  it('does nothing if it is the base class', async () => {
    const server = await TCPServer.listen(anywhere, BaseRequestHandler)
    const done = exchange(server.serverAddress, '')
    await server.handleRequest()
    expect(await done).toBe('')
    await server.serverClose()
  })
})

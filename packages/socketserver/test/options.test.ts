import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  AsyncTCPServer,
  BaseRequestHandler,
  ForkingTCPServer,
  TCPServer,
  ThreadingTCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { connectTo, exchangeDatagram } from './clients.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const refuse = (Server: unknown, address: unknown, options: object) =>
  expect((Server as typeof TCPServer).listen(address as never, BaseRequestHandler, options as never)).rejects

describe('an option', () => {
  it.each([
    ['serverClose', AsyncTCPServer, 'there is no option serverClose'],
    ['maxThread', ThreadingTCPServer, 'there is no option maxThread;'],
    ['maxThreads', AsyncTCPServer, 'AsyncTCPServer does not have the option maxThreads'],
    ['maxConnections', UDPServer, 'UDPServer does not have the option maxConnections'],
  ])('%s is refused by name where there is none', async (name, Server, message) => {
    await refuse(Server, ['127.0.0.1', 0], { [name]: 1 }).toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining(message),
    })
  })

  it('that this platform does not have is refused with the reason', async () => {
    await refuse(TCPServer, ['127.0.0.1', 0], { allowReuseAddress: false }).toThrow(
      'Node always sets it for TCP',
    )
    for (const Server of [TCPServer, UDPServer]) {
      await refuse(Server, ['127.0.0.1', 0], { addressFamily: 'inet6' }).toThrow('needs an IPv6 host')
    }
  })

  it.each([
    ['addressFamily', UnixStreamServer, 'inet6', 'UnixStreamServer does not have the option addressFamily'],
    ['bindAndActivate', TCPServer, 'no', 'bindAndActivate must be true or false'],
    ['requestQueueSize', TCPServer, 2 ** 31, 'requestQueueSize must be a whole number from 1 to 2147483647'],
    ['threadLimits', ThreadingTCPServer, { maxHeap: 9 }, 'threadLimits must be an object'],
    ['childLimits', ForkingTCPServer, { stackSizeMb: 9 }, 'childLimits must be an object'],
    ['childLimits', ForkingTCPServer, { maxOldGenerationSizeMb: 'x' }, 'childLimits must be an object'],
  ])('%s of %o can not be %j', async (name, Server, value, message) => {
    const address = Server === UnixStreamServer ? 'socket' : ['127.0.0.1', 0]
    await refuse(Server, address, { [name]: value }).toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining(message),
    })
  })

  it.each(columns)('tls of %sTCPServer must have a certificate that can be read', async (column) => {
    const options = { ...workers(column), tls: { cert: 'no certificate', key: 'no key' } }
    await expect(
      tcpServerClass(column).listen(['127.0.0.1', 0], fixture('command-handler.js'), options),
    ).rejects.toMatchObject({ code: 'ERR_OSSL_PEM_NO_START_LINE' })
  })

  it.skipIf(Number.parseInt(process.versions.node, 10) !== 20)(
    'allowReusePort is refused on Node 20',
    async () => {
      for (const Server of [TCPServer, UDPServer]) {
        await refuse(Server, ['127.0.0.1', 0], { allowReusePort: true }).toThrow(
          'allowReusePort needs Node 22.12',
        )
      }
    },
  )
})

describe('a port', () => {
  it.each([-1, 65_536, 70_000, 'abc', Number.NaN, 1.5])('%s is refused', async (port) => {
    for (const Server of [TCPServer, UDPServer]) {
      await refuse(Server, ['127.0.0.1', port], {}).toThrow(`from 0 to 65535, not ${port}`)
    }
  })
})

describe('an address', () => {
  it.each([undefined, null, 9021, {}, { fd: 'three' }, { fd: -1 }])('%j is refused', async (address) => {
    for (const Server of [TCPServer, UDPServer, UnixStreamServer, UnixDatagramServer]) {
      await refuse(Server, address, {}).toMatchObject({ code: 'BAD_OPTION' })
    }
  })
})

describe('a path', () => {
  it.each([
    ['that is too long for a socket', 'x'.repeat(200), 'may have at most 10\\d bytes, and this one has 200'],
    ['with a NUL character', 'a\0b', 'must not contain a NUL character'],
  ])('%s is refused', async (_, path, message) => {
    for (const Server of [UnixStreamServer, UnixDatagramServer]) {
      await refuse(Server, path, {}).toMatchObject({
        code: 'BAD_OPTION',
        message: expect.stringMatching(message),
      })
    }
  })
})

describe('descriptor 0', () => {
  it('is refused for UDP, because Node would bind to any port instead', async () => {
    await refuse(UDPServer, { fd: 0 }, {}).toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('descriptor 0'),
    })
  })
})

describe('a server for both families', () => {
  it('gives an IPv4 client its IPv4 address', async () => {
    const clients: unknown[] = []
    class Server extends TCPServer {
      override verifyRequest(_request: unknown, clientAddress: unknown) {
        clients.push(clientAddress)
        return false
      }
    }
    const server = await Server.listen(['::', 0], BaseRequestHandler)
    const [, port] = server.serverAddress
    const socket = await connectTo(['127.0.0.1', port])
    await server.handleRequest()
    expect(clients).toEqual([['127.0.0.1', (socket.address() as { port: number }).port]])
    socket.destroy()
    await server.serverClose()
  })

  it('answers an IPv4 client by UDP', async () => {
    const server = await UDPServer.listen(['::', 0], fixture('datagram-line-handler.js'))
    const serving = server.serveForever()
    expect(await exchangeDatagram(['127.0.0.1', server.serverAddress[1]], 'hello\n')).toBe('hello\n')
    await server.serverClose()
    await serving
  })
})

describe('inet6', () => {
  it('keeps IPv4 clients out', async () => {
    const options = { addressFamily: 'inet6' } as const
    const server = await TCPServer.listen(['::', 0], BaseRequestHandler, options)
    await expect(connectTo(['127.0.0.1', server.serverAddress[1]])).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    await server.serverClose()
    const udp = await UDPServer.listen(['::', 0], fixture('datagram-line-handler.js'), options)
    // The same port is free for IPv4: the server has not taken it.
    const other = createSocket('udp4').bind(udp.serverAddress[1], '0.0.0.0')
    await once(other, 'listening')
    other.close()
    await udp.serverClose()
  })
})

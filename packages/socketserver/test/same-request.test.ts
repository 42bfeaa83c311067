import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectTo, exchange, readAll } from './clients.js'
import { RecordingMixIn } from './recording.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const handler = fixture('connection-handler.js')
const cert = readFileSync(fixture('tls-cert.pem'))
const key = readFileSync(fixture('tls-key.pem'))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe.each(columns)('%sTCPServer: the request of a handler', (column) => {
  it.each(['127.0.0.1', '0.0.0.0'])(
    'has the addresses of both ends if the server listens on %s',
    async (host) => {
      const server = await tcpServerClass(column).listen([host, 0], handler, workers(column))
      const serving = server.serveForever()
      const socket = await connectTo(['127.0.0.1', server.serverAddress[1]])
      const { port } = socket.address() as { port: number }
      socket.end('connection\n')
      expect(JSON.parse(await readAll(socket))).toEqual({
        remoteAddress: '127.0.0.1',
        remotePort: port,
        localAddress: '127.0.0.1',
        localPort: server.serverAddress[1],
      })
      await server.serverClose()
      await serving
    },
  )

  it('has addresses and the TLS identity of the client', async () => {
    const tls = {
      cert,
      key,
      ca: cert,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['lines/1'],
    }
    const server = await tcpServerClass(column).listen(anywhere, handler, { ...workers(column), tls })
    const serving = server.serveForever()
    const [host, port] = server.serverAddress
    const ask = async (command: string) => {
      const client = { host, port, ca: cert, cert, key, servername: 'localhost', ALPNProtocols: ['lines/1'] }
      const socket = connectTls(client)
      await once(socket, 'secureConnect')
      socket.end(`${command}\n`)
      return JSON.parse(await readAll(socket))
    }
    expect(await ask('identity')).toEqual({
      encrypted: true,
      authorized: true,
      alpnProtocol: 'lines/1',
      servername: 'localhost',
      certificate: { name: 'localhost', raw: true },
      protocol: 'TLSv1.3',
    })
    expect(await ask('connection')).toMatchObject({ remoteAddress: '127.0.0.1', localPort: port })
    await server.serverClose()
    await serving
  })

  it('takes the options of a socket', async () => {
    const server = await tcpServerClass(column).listen(anywhere, handler, workers(column))
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.write('options\n')
    expect(await readAll(socket)).toBe('"timeout"')
    await server.serverClose()
    await serving
  })

  it.each([
    ['all of a file', undefined, undefined],
    ['a part of a file', 100_000, 900_001],
    ['less than was asked for, if the file is shorter', 999_000, 2_000_000],
  ])('is sent %s by wfile.sendFile', async (_, start, end) => {
    const bytes = Buffer.alloc(1_000_000)
    for (let index = 0; index < bytes.byteLength; index += 1) bytes[index] = (index * 31) % 251
    const path = join(folder, 'file')
    writeFileSync(path, bytes)
    const Server = RecordingMixIn(tcpServerClass(column))
    const server = await Server.listen(anywhere, handler, {
      ...workers(column),
      context: { path, start, end },
    })
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.end('sendFile\n')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(socket, 'end')
    // An empty answer in JSON follows.
    const received = Buffer.concat(chunks)
    const expected = bytes.subarray(start, end)
    expect(Buffer.compare(received.subarray(0, expected.byteLength), expected)).toBe(0)
    await server.until(() => server.messages.length === 1)
    expect(server.messages).toEqual([expected.byteLength])
    socket.destroy()
    await server.serverClose()
    await serving
  })

  it('rejects sendFile if the client leaves, and lets the handler end', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, Buffer.alloc(50_000_000))
    const Server = RecordingMixIn(tcpServerClass(column))
    const server = await Server.listen(anywhere, handler, { ...workers(column), context: { path } })
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    socket.write('sendFile\n')
    await once(socket, 'data')
    socket.destroy()
    await server.until(() => server.errors.length === 1)
    await server.serverClose()
    await serving
    expect(server.activeRequests).toBe(0)
  })
})

describe.each(['Threading', 'Forking'] as const)('%sTCPServer: its workers', (column) => {
  it('have the execArgv and env of the options', async () => {
    const options = { ...workers(column), execArgv: ['--no-warnings'], env: { SOCKETSERVER_MARK: 'here' } }
    const server = await tcpServerClass(column).listen(anywhere, handler, options)
    const serving = server.serveForever()
    const worker = JSON.parse(await exchange(server.serverAddress, 'worker\n'))
    expect(worker).toEqual({ argv: ['--no-warnings'], mark: 'here', path: false })
    await server.serverClose()
    await serving
  })
})

describe('childLimits', () => {
  it('end a child that needs more memory, and nobody else', async () => {
    const Server = RecordingMixIn(tcpServerClass('Forking'))
    const server = await Server.listen(anywhere, fixture('command-handler.js'), {
      maxChildren: 1,
      childLimits: { maxOldGenerationSizeMb: 32 },
    })
    const serving = server.serveForever()
    expect(await exchange(server.serverAddress, 'exhaustMemory\n')).toBe('')
    await server.until(() => server.errors.length === 1)
    expect(server.errors[0]?.error).toMatchObject({ code: 'WORKER_EXITED' })
    expect(await exchange(server.serverAddress, 'echo alive\n')).toBe('alive\n')
    await server.serverClose()
    await serving
  })
})

describe('hooks', () => {
  it('have typed requests', () => {
    class Server extends tcpServerClass('Async') {
      override verifyRequest(request: Socket): boolean {
        return request.remotePort !== undefined
      }
    }
    expect(Server.prototype.verifyRequest).toBeTypeOf('function')
  })
})

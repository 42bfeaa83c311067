import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { InternetAddress } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { readAll, readSome } from './clients.js'
import { RecordingMixIn } from './recording.js'
import { columns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
// A certificate for localhost that nobody trusts but these tests.
const cert = readFileSync(fixture('tls-cert.pem'))
const tls = { cert, key: readFileSync(fixture('tls-key.pem')), ALPNProtocols: ['lines/2', 'lines/1'] }

async function connectSecurely([host, port]: InternetAddress, protocol: string): Promise<TLSSocket> {
  const socket = connectTls({ host, port, ca: cert, servername: 'localhost', ALPNProtocols: [protocol] })
  await once(socket, 'secureConnect')
  return socket
}

describe.each(columns)('%sTCPServer with TLS', (column) => {
  it('speaks it, agrees on a protocol, and carries large answers whole', async () => {
    const options = { tls, ...workers(column) }
    const server = await tcpServerClass(column).listen(anywhere, fixture('large-writes.js'), options)
    const serving = server.serveForever()
    const socket = await connectSecurely(server.serverAddress, 'lines/1')
    expect(socket.alpnProtocol).toBe('lines/1')
    expect(socket.getPeerCertificate().subject.CN).toBe('localhost')
    expect(await readSome(socket)).toBe('write data\n')
    socket.write('through the tunnel\n')
    const answer = (await readAll(socket)).replace(/^\0+/, '')
    expect(JSON.parse(answer)).toMatchObject({
      received: 'through the tunnel\n',
      large: 16 * 1024 * 1024 + 1,
    })
    await server.serverClose()
    await serving
  })

  it('what a client sends comes whole, and a worker thread gets many records as one chunk', async () => {
    const heard: unknown[] = []
    class Server extends tcpServerClass(column) {
      override handleMessage(message: unknown) {
        heard.push(message)
      }
    }
    const options = { tls, ...workers(column) }
    const server = await Server.listen(anywhere, fixture('chunk-handler.js'), options)
    const serving = server.serveForever()
    const socket = await connectSecurely(server.serverAddress, 'lines/1')
    const bytes = randomBytes(8_000_003)
    // Records of all sizes: full ones, small ones, and what is left over.
    socket.write(bytes.subarray(0, 6_000_000))
    for (let at = 6_000_000; at < 6_100_000; at += 1000) socket.write(bytes.subarray(at, at + 1000))
    socket.end(bytes.subarray(6_100_000))
    await readAll(socket)
    await server.serverClose()
    await serving
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const largest = column === 'Threading' ? expect.toSatisfy(isOverOneRecord) : expect.any(Number)
    expect(heard).toEqual([{ sha256, largest }])
  })

  it('begins no handshake with whom verifyHandshake refuses', async () => {
    const asked: InternetAddress[] = []
    class Server extends RecordingMixIn(tcpServerClass(column)) {
      override verifyHandshake(_connection: Socket, clientAddress: InternetAddress): boolean {
        asked.push(clientAddress)
        if (asked.length === 2) throw new Error('can not say')
        return asked.length > 2
      }
    }
    const options = { tls, ...workers(column) }
    const server = await Server.listen(anywhere, fixture('command-handler.js'), options)
    const serving = server.serveForever()
    for (let count = 1; count <= 2; count++) {
      await expect(connectSecurely(server.serverAddress, 'lines/1')).rejects.toThrow()
    }
    const socket = await connectSecurely(server.serverAddress, 'lines/1')
    expect(asked[2]).toEqual(['127.0.0.1', socket.localPort])
    socket.end('echo in\n')
    expect(await readAll(socket)).toBe('in\n')
    expect(server.errors).toMatchObject([{ error: { message: 'can not say' } }])
    expect(server.acceptErrors).toEqual([])
    await server.serverClose()
    await serving
  })

  it('tells of a handshake that fails, and serves the others', async () => {
    const Server = RecordingMixIn(tcpServerClass(column))
    const options = { tls, ...workers(column) }
    const server = await Server.listen(anywhere, fixture('command-handler.js'), options)
    const serving = server.serveForever()
    const [host, port] = server.serverAddress
    const plain = connect(port, host)
    plain.write('this is not TLS at all, and long enough to be noticed\n')
    await readAll(plain)
    await server.until(() => server.acceptErrors.length === 1)
    expect(server.acceptErrors[0]).toMatchObject({ code: expect.stringMatching(/^ERR_SSL/) })
    expect(server.errors).toEqual([])

    const both = await Promise.all(
      ['lines/1', 'lines/2'].map((name) => connectSecurely(server.serverAddress, name)),
    )
    const first = column === '' ? both.slice(0, 1) : both
    const answers = first.map(readAll)
    both.forEach((socket, index) => socket.end(`echo ${index}\n`))
    expect(await Promise.all(answers)).toEqual(first.map((_, index) => `${index}\n`))
    for (const socket of both) socket.destroy()
    await server.serverClose()
    await serving
  })
})

function isOverOneRecord(size: number): boolean {
  return size > 16 * 1024
}

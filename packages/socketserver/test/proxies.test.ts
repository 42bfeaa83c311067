import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Address, AsyncTCPServer, BaseRequestHandler, ForkingTCPServer } from '@jftp/socketserver'
import { describe, expect, it } from 'vitest'
import { readAll } from './clients.js'
import { fixture } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const cert = readFileSync(fixture('tls-cert.pem'))
const tls = { cert, key: readFileSync(fixture('tls-key.pem')) }

/** From 192.0.2.7, port 8080. */
const header = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c63364011f90233d', 'hex')

/** Says where its client is. */
class WhereHandler extends BaseRequestHandler {
  override async handle(): Promise<void> {
    ;(this.request as NodeJS.WritableStream).end(JSON.stringify(this.clientAddress))
  }
}

class Recording extends AsyncTCPServer {
  readonly errors: [message: string, client: Address | undefined, hasConnection: boolean][] = []
  override handleAcceptError(error: Error, client?: Address, connection?: unknown): void {
    this.errors.push([error.message, client, connection !== undefined])
  }
}

describe('a server with proxies', () => {
  it('reads the header before the TLS handshake', async () => {
    const server = await AsyncTCPServer.listen(anywhere, WhereHandler, { tls, proxies: ['127.0.0.0/8'] })
    const serving = server.serveForever()
    const [host, port] = server.serverAddress
    const raw = connect(port, host)
    await once(raw, 'connect')
    raw.write(header)
    const socket = connectTls({ socket: raw, ca: cert, servername: 'localhost' })
    expect(JSON.parse(await readAll(socket))).toEqual(['192.0.2.7', 8080])
    await server.serverClose()
    await serving
  })

  it('tells of a connection without a header, and serves the others', async () => {
    const server = await Recording.listen(anywhere, WhereHandler, { proxies: ['127.0.0.1'] })
    const serving = server.serveForever()
    const [host, port] = server.serverAddress
    const wrong = connect(port, host)
    wrong.write('hello, I am no load balancer')
    expect(await readAll(wrong)).toBe('')
    expect(server.errors).toEqual([
      [
        expect.stringContaining('does not begin with a PROXY header'),
        ['127.0.0.1', expect.any(Number)],
        true,
      ],
    ])
    const direct = connect({ port, host, localAddress: '127.0.0.2' })
    expect(JSON.parse(await readAll(direct))[0]).toBe('127.0.0.2')
    await server.serverClose()
    await serving
  })

  it('refuses what is no address, and child processes, which get the connection itself', async () => {
    const listen = (proxies: string[]) => AsyncTCPServer.listen(anywhere, WhereHandler, { proxies })
    await expect(listen(['10.0.0.0/33'])).rejects.toThrow('"10.0.0.0/33" is no address or network')
    const handler = fixture('command-handler.js')
    await expect(ForkingTCPServer.listen(anywhere, handler, { proxies: ['10.0.0.1'] })).rejects.toThrow(
      'use threads instead',
    )
  })
})

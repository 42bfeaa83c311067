import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { parseRemoteUrl } from '@jftp/client'
import { createHello, encodeJsonFrame, FrameType } from '@jftp/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Certificates } from './certificates.js'
import { Credentials } from './credentials.js'
import { Netrc } from './netrc.js'
import { ServerConnection } from './server-connection.js'
import { SshIdentities } from './ssh-identities.js'
import { TerminalTurns } from './terminal-turns.js'

/** A server that greets, and admits nobody before the test says so. */
const sockets: Socket[] = []
const server = createServer((socket) => sockets.push(socket.on('error', () => {})))
let client: Promise<[Socket]>
let connection: ServerConnection

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  accept()
  const terminal = new TerminalTurns()
  connection = new ServerConnection(
    () => {},
    new Credentials(terminal, new SshIdentities(terminal, {}), new Netrc({ NETRC: '/dev/null' })),
    new Certificates(terminal, {}),
  )
  const { port } = server.address() as AddressInfo
  connection.setServer(parseRemoteUrl(`jftp://127.0.0.1:${port}`), undefined)
})
afterEach(async () => {
  await connection.close()
  server.close()
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** Waits for the next client. */
function accept(): void {
  client = once(server, 'connection') as typeof client
}

async function admit(): Promise<void> {
  const [socket] = await client
  socket.resume()
  socket.write(encodeJsonFrame(FrameType.HELLO, 0, createHello('slow')))
  socket.write(encodeJsonFrame(FrameType.ACK, 1, { ok: true, user: 'ann', home: '/', permissions: [] }))
}

test('a command connects although the one before it, which was connecting too, is cancelled', async () => {
  const cancelled = new AbortController()
  const first = connection.connected(cancelled.signal)
  const second = connection.connected(new AbortController().signal)
  const [abandoned] = await client
  accept()
  cancelled.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  abandoned.destroy()
  await Promise.all([admit(), expect(second).resolves.toMatchObject({ cwd: '/' })])
})

test('the requests of one command share a connection', async () => {
  const { signal } = new AbortController()
  const both = [connection.connected(signal), connection.connected(signal)]
  await admit()
  const [first, second] = await Promise.all(both)
  expect(second?.client).toBe(first?.client)
})

test('what was closed while it was being made stays closed', async () => {
  const made = connection.connected(new AbortController().signal)
  const [socket] = await client
  await connection.close()
  const gone = once(socket, 'close')
  await admit()
  await expect(made).rejects.toMatchObject({ code: 'closed' })
  expect(connection.current).toBeUndefined()
  expect(connection.server).toBeUndefined()
  await gone
})

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { dial, type Memory } from './dial.js'

/** A key that both ends know, so that no certificate is needed. */
const psk = randomBytes(32)
const secrets = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' as const }

/** What the client receives of bytes that a server sends with TLS before it ends the connection. */
async function received(send: (socket: TLSSocket) => void, largest: number, memory: () => Memory) {
  const server = createServer({ ...secrets, pskCallback: () => psk, pskIdentityHint: 'test' }, send)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const sizes: number[] = []
  const kept: Uint8Array[] = []
  const sha256 = createHash('sha256')
  const { socket } = dial({
    host: '127.0.0.1',
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    tls: {
      ...secrets,
      pskCallback: () => ({ psk, identity: 'test' }),
      checkServerIdentity: () => undefined,
    },
    receive: (chunk) => {
      sizes.push(chunk.length)
      sha256.update(chunk)
      const answer = memory()
      if (answer === 'kept') kept.push(chunk)
      return answer
    },
    largestRead: () => largest,
  })
  await once(socket, 'end')
  const atEnd = sha256.copy().digest('hex')
  socket.end()
  await once(socket, 'close')
  server.close()
  return { sizes, kept, sha256: atEnd }
}

const bytes = randomBytes(8_000_003)

function sendAll(socket: TLSSocket): void {
  // Records of all sizes: full ones, small ones, and what is left over.
  socket.write(bytes.subarray(0, 6_000_000))
  for (let at = 6_000_000; at < 6_100_000; at += 1000) socket.write(bytes.subarray(at, at + 1000))
  socket.end(bytes.subarray(6_100_000))
}

const sha256Of = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

test('with TLS, all comes before the end is told, and many records come as one chunk', async () => {
  const { sizes, sha256 } = await received(sendAll, Number.POSITIVE_INFINITY, () => 'free')
  expect(sha256).toBe(sha256Of(bytes))
  expect(Math.max(...sizes)).toBeGreaterThan(16 * 1024)
})

test('memory that is kept is not read into again', async () => {
  const { kept } = await received(sendAll, Number.POSITIVE_INFINITY, () => 'kept')
  expect(sha256Of(Buffer.concat(kept))).toBe(sha256Of(bytes))
})

test.each([1024, 20_000, 100_000])('no chunk is larger than %i bytes if that is the limit', async (limit) => {
  const { sizes, sha256 } = await received(sendAll, limit, () => 'free')
  expect(sha256).toBe(sha256Of(bytes))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(limit)
})

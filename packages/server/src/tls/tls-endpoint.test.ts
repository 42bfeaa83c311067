import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSelfSigned } from './self-signed.js'
import { TlsEndpoint } from './tls-endpoint.js'

const folder = mkdtempSync(join(tmpdir(), 'jftp-test-'))
const used = join(folder, 'used.pem')
const first = join(folder, 'first.pem')
const second = join(folder, 'second.pem')

beforeAll(async () => {
  writeFileSync(first, await makeSelfSigned())
  writeFileSync(second, await makeSelfSigned())
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a reload takes the new certificate for new connections, and those there are go on', async () => {
  copyFileSync(first, used)
  const endpoint = await TlsEndpoint.open({ type: 'files', cert: used, key: used })
  const before = endpoint.certificate.fingerprint
  const server = createServer(endpoint.options(), (socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint.serve(server)
  const { port } = server.address() as AddressInfo
  const old = await dial(port)
  expect(fingerprintOf(old)).toBe(before)

  copyFileSync(second, used)
  const apply = await endpoint.prepareReload()
  // All settings are read before any of them is put into force.
  expect(fingerprintOf(await dial(port))).toBe(before)
  apply()
  expect(endpoint.certificate.fingerprint).not.toBe(before)
  const fresh = await dial(port)
  expect(fingerprintOf(fresh)).toBe(endpoint.certificate.fingerprint)
  expect(fresh.alpnProtocol).toBe('jftp/1')
  old.write('still here')
  expect(String((await once(old, 'data'))[0])).toBe('still here')

  writeFileSync(used, 'nonsense')
  await expect(endpoint.prepareReload()).rejects.toThrow(/used\.pem holds no usable certificate/)
  expect(fingerprintOf(await dial(port))).toBe(endpoint.certificate.fingerprint)
  for (const socket of sockets) socket.destroy()
  server.close()
})

const sockets: TLSSocket[] = []

async function dial(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['jftp/1'] })
  sockets.push(socket)
  await once(socket, 'secureConnect')
  return socket
}

function fingerprintOf(socket: TLSSocket): string {
  const digits = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
  return `sha256:${digits.replaceAll(':', '').toLowerCase()}`
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  encodeDataFrame,
  encodeJsonFrame,
  FrameType,
  MAX_JSON_SIZE_BEFORE_LOGIN,
  MAX_WAITING_BYTES,
  MAX_WAITING_REQUESTS,
  parseAck,
  parseBye,
} from '@jftp/protocol'
import { createLog, type Daemon, resolveConfig, startDaemon } from '@jftp/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { conversation } from './conformance-data.js'
import { WirePeer } from './wire-peer.js'

let root: string
let daemon: Daemon
let peer: WirePeer

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'jftp-wire-'))
  const options = { root, host: '127.0.0.1', port: '0', workers: '0', grace: '5', logLevel: 'silent' }
  daemon = await startDaemon(await resolveConfig(options), await createLog('json', 'silent'))
  peer = await WirePeer.connect(daemon.url)
})

afterEach(async () => {
  peer.close()
  await daemon.stop(5000)
  rmSync(root, { recursive: true })
})

const hexOf = (frame: Uint8Array): string => Buffer.from(frame).toString('hex')
const request = (id: number, json: object): string => hexOf(encodeJsonFrame(FrameType.REQUEST, id, json))
const helloAndLogin = conversation('hello-login')
  .steps.filter(({ from }) => from === 'client')
  .map(({ hex }) => hex)
  .join('')

/** Sends HELLO, `login` and `hex` in one write, and reads the answers to the first two. */
async function say(hex: string): Promise<void> {
  peer.send(helloAndLogin + hex)
  expect((await peer.next())?.type).toBe(FrameType.HELLO)
  expect((await peer.next())?.type).toBe(FrameType.ACK)
}

test('a large request may follow the login in the same write', async () => {
  await say(request(2, { cmd: 'pwd', padding: 'x'.repeat(2 * MAX_JSON_SIZE_BEFORE_LOGIN) }))
  expect(parseAck('pwd', (await peer.next())?.payload ?? new Uint8Array())).toEqual({ path: '/' })
})

test('more requests than may wait are all answered, in their order', async () => {
  const count = 3 * MAX_WAITING_REQUESTS
  await say(Array.from({ length: count }, (_, id) => request(id, { cmd: 'pwd' })).join(''))
  for (let id = 0; id < count; id++) expect(await peer.next()).toMatchObject({ type: FrameType.ACK, id })
})

test('an upload whose body is behind more requests than may wait is a breach', async () => {
  const requests = Array.from({ length: MAX_WAITING_REQUESTS + 1 }, (_, id) =>
    request(2 + id, { cmd: 'pwd' }),
  )
  await say(request(1, { cmd: 'put', path: 'a' }))
  expect(parseAck('put', (await peer.next())?.payload ?? new Uint8Array())).toMatchObject({ status: 'ready' })
  peer.send(requests.join(''))
  let last = await peer.next()
  for (let frame = last; frame; frame = await peer.next()) last = frame
  expect(last?.type).toBe(FrameType.BYE)
  expect(parseBye(last?.payload ?? new Uint8Array())).toMatchObject({ code: 'protocol-error' })
})

test('it is a breach too if the requests came before the upload was ready', async () => {
  const requests = Array.from({ length: 2 * MAX_WAITING_REQUESTS }, (_, id) =>
    request(2 + id, { cmd: 'pwd' }),
  )
  await say(request(1, { cmd: 'put', path: 'a' }) + requests.join(''))
  let last = await peer.next()
  for (let frame = last; frame; frame = await peer.next()) last = frame
  expect(last?.type).toBe(FrameType.BYE)
  expect(parseBye(last?.payload ?? new Uint8Array())).toMatchObject({ code: 'protocol-error' })
})

test('a body larger than what may wait arrives whole while other requests wait behind it', async () => {
  const piece = new Uint8Array(MAX_WAITING_BYTES).fill(7)
  const body = Array.from({ length: 4 }, () => hexOf(encodeDataFrame(1, piece))).join('')
  const end = hexOf(encodeJsonFrame(FrameType.END, 1, { size: 4 * piece.length }))
  const put = request(1, { cmd: 'put', path: 'a', digest: 'none', eager: true })
  await say(put + request(2, { cmd: 'stat', path: 'a' }) + body + end)
  const stored = parseAck('put', (await peer.next())?.payload ?? new Uint8Array())
  expect(stored).toEqual({ status: 'stored', path: '/a', size: 4 * piece.length })
  expect(parseAck('stat', (await peer.next())?.payload ?? new Uint8Array()).entry.size).toBe(4 * piece.length)
})

test('a client that says BYE gets the answers to its earlier requests before the connection ends', async () => {
  const bye = hexOf(encodeJsonFrame(FrameType.BYE, 0, {}))
  await say(request(1, { cmd: 'pwd' }) + request(2, { cmd: 'ping' }) + bye)
  expect(await peer.next()).toMatchObject({ type: FrameType.ACK, id: 1 })
  expect(await peer.next()).toMatchObject({ type: FrameType.ACK, id: 2 })
  expect(await peer.next()).toBeUndefined()
})

test('a server that is stopped says BYE with shutting-down', async () => {
  await say('')
  const stopped = daemon.stop(5000)
  const frame = await peer.next()
  expect(frame?.type).toBe(FrameType.BYE)
  expect(parseBye(frame?.payload ?? new Uint8Array())).toMatchObject({
    code: 'shutting-down',
    retryable: true,
  })
  expect(await peer.next()).toBeUndefined()
  await stopped
})

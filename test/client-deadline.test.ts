import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { connect, type FtpClient } from '@jftp/client'
import { encodeEmptyFrame, encodeJsonFrame, FrameType } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-deadline-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const facts = { path: '/f', size: 5, mtime: 0, mode: 0o644 }
const ready: Answer = (id) => [ack(id, { status: 'ready', offset: 0 })]
const isEager = (args: Record<string, unknown>) => args['eager'] === true

async function readAll(client: FtpClient): Promise<void> {
  for await (const entry of client.list('/d')) if (entry.name === '') return
}

describe('a server that stops answering is given up, and the message says in the middle of what', () => {
  const cases: [string, Record<string, Answer>, (client: FtpClient) => Promise<unknown>, RegExp][] = [
    ['a stat', {}, (client) => client.stat('/f'), /the answer to 'stat' of \/f/],
    ['a ping', {}, (client) => client.ping(), /the answer to a PING/],
    ['a get', {}, (client) => client.get('/f', join(folder, 'f')), /the answer to 'get' of \/f/],
    [
      'the bytes of a get',
      { get: (id) => [ack(id, facts), data(id, 'he')] },
      (client) => client.get('/f', join(folder, 'f')),
      /the rest of \/f \(2 of 5 bytes came\)/,
    ],
    ['a listing', {}, readAll, /the answer to 'ls' of \/d/],
    [
      'the lines of a listing',
      { ls: (id) => [ack(id, { path: '/d', type: 'directory' })] },
      readAll,
      /the rest of 'ls' of \/d/,
    ],
    ['a large put', {}, (client) => client.put(randomBytes(600_000), '/f'), /the answer to 'put' of \/f/],
    ['a small put', {}, (client) => client.put(randomBytes(6), '/f'), /the confirmation that \/f is stored/],
    [
      'the end of a put',
      { put: (id, args) => (isEager(args) ? [] : ready(id, args)) },
      (client) => client.put(randomBytes(600_000), '/f'),
      /the confirmation that \/f is stored/,
    ],
  ]
  test.each(cases)('%s', async (_, answers, call, message) => {
    await using server = await HostileServer.start(answers)
    await using client = await connect(server.url, { timeout: 300 })
    await expect(call(client)).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      message: expect.stringMatching(message),
    })
    expect(await client.closed).toMatchObject({ code: 'timeout' })
    expect(readdirSync(folder)).toEqual([])
  })

  test('because it reads nothing any more', async () => {
    await using server = await HostileServer.start({ put: ready, DATA: () => 'stop reading' })
    await using client = await connect(server.url, { timeout: 300 })
    await expect(client.put(Readable.from(endless()), '/f')).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('to take what is sent'),
    })
  })

  test('though it answers PINGs for ever', async () => {
    const PING: Answer = (id) => [encodeEmptyFrame(FrameType.PONG, id)]
    await using server = await HostileServer.start({ PING })
    await using client = await connect(server.url, { timeout: 150 })
    await expect(client.stat('/f')).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('1650 ms'),
    })
  })
})

describe('what takes its time is waited for', () => {
  const entry = { name: '', type: 'directory', size: 0, mtime: 0, mode: 0o755 }

  test('an answer of a server that shows it is alive', async () => {
    let probes = 0
    let asked = 0
    const stat: Answer = (id) => {
      asked = id
      return []
    }
    const PING: Answer = (id) => {
      const pong = encodeEmptyFrame(FrameType.PONG, id)
      return ++probes < 3 ? [pong] : [pong, ack(asked, { path: '/f', entry })]
    }
    await using server = await HostileServer.start({ stat, PING })
    await using client = await connect(server.url, { timeout: 200 })
    expect((await client.stat('/f')).type).toBe('directory')
  })

  test.each([
    ['a copy', 'cp', (client: FtpClient) => client.cp('/f', '/g')],
    ['a digest', 'hash', (client: FtpClient) => client.hash(['/f'])[Symbol.asyncIterator]().next()],
    ['a count', 'du', (client: FtpClient) => client.du('/')[Symbol.asyncIterator]().next()],
  ])('%s that takes any time, while the server answers PINGs', async (_what, cmd, call) => {
    let probes = 0
    let asked = 0
    const work: Answer = (id) => {
      asked = id
      return []
    }
    const refusal = { code: 'not-found', message: 'no such file or folder', retryable: false }
    // Half of the time passes before each PING, so this is longer than any other answer may take.
    const PING: Answer = (id) => {
      const pong = encodeEmptyFrame(FrameType.PONG, id)
      return ++probes < 14
        ? [pong]
        : [pong, encodeJsonFrame(FrameType.ACK, asked, { ok: false, error: refusal })]
    }
    await using server = await HostileServer.start({ [cmd]: work, PING })
    await using client = await connect(server.url, { timeout: 60 })
    await expect(call(client)).rejects.toMatchObject({ code: 'not-found' })
    expect(probes).toBe(14)
  })

  test('a file that comes byte by byte', async () => {
    const get: Answer = (id) => [ack(id, facts), data(id, 'h')]
    let sent = 1
    // Each PING of the client shows that half of its time is over.
    const PING: Answer = () => (sent++ < 5 ? [data(2, 'x')] : [end(2, { size: 5 })])
    await using server = await HostileServer.start({ get, PING })
    await using client = await connect(server.url, { timeout: 200 })
    const got = await client.get('/f', join(folder, 'f'), { digest: 'none' })
    expect(got.bytes).toBe(5)
  })

  test('a source that is slow itself', async () => {
    const END: Answer = (id, announced) => [ack(id, { status: 'stored', path: '/f', ...announced })]
    await using server = await HostileServer.start({ put: ready, END })
    await using client = await connect(server.url, { timeout: 150 })
    const source = Readable.from(slowly())
    expect(await client.put(source, '/f')).toMatchObject({ status: 'sent', bytes: 2 })
  })

  test('a reader that is slow itself', async () => {
    const line = `${JSON.stringify({ ...entry, name: 'a'.repeat(200) })}\n`
    const page = line.repeat(400)
    const ls: Answer = (id) => [
      ack(id, { path: '/d', type: 'directory' }),
      ...Array.from({ length: 20 }, () => data(id, page)),
    ]
    await using server = await HostileServer.start({ ls })
    await using client = await connect(server.url, { timeout: 150 })
    let count = 0
    const read = async () => {
      for await (const { type } of client.list('/d')) {
        if (count++ === 0) await new Promise((resolve) => setTimeout(resolve, 500))
        expect(type).toBe('directory')
      }
    }
    // All that was sent is read; the end, which the server owes, never comes.
    await expect(read()).rejects.toMatchObject({ code: 'timeout' })
    expect(count).toBe(8000)
  })
})

function* endless(): Generator<Uint8Array> {
  const bytes = Buffer.alloc(500_000)
  for (;;) yield bytes
}

async function* slowly(): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < 2; count++) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    yield Buffer.from('x')
  }
}

import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type FtpClient, FtpError, open, type PutOptions } from '@jftp/client'
import { createHello, encodeEmptyFrame, encodeJsonFrame, FrameType } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-hostile-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const md5 = (text: string) => ({ alg: 'md5', hex: createHash('md5').update(text).digest('hex') })
const folderEntry = { name: '', type: 'directory', size: 0, mtime: 0, mode: 0o755 }
const facts = (size: number) => ({ path: '/f', size, mtime: 0, mode: 0o644 })
const stored = (size: number, content: string) => ({
  status: 'stored',
  path: '/f',
  size,
  digest: md5(content),
})

describe('a get whose bytes are not what the server says', () => {
  const cases: [string, Answer, string][] = [
    [
      'changed',
      (id) => [ack(id, facts(5)), data(id, 'hellO'), end(id, { size: 5, digest: md5('hello') })],
      'digest-mismatch',
    ],
    [
      'too few',
      (id) => [ack(id, facts(5)), data(id, 'hell'), end(id, { size: 5, digest: md5('hello') })],
      'size-mismatch',
    ],
    [
      'fewer than the ACK says',
      (id) => [ack(id, facts(6)), data(id, 'hello'), end(id, { size: 5, digest: md5('hello') })],
      'size-mismatch',
    ],
    [
      'more than the ACK says',
      (id) => [ack(id, facts(4)), data(id, 'hello'), end(id, { size: 5, digest: md5('hello') })],
      'size-mismatch',
    ],
    [
      'without a digest',
      (id) => [ack(id, facts(5)), data(id, 'hello'), end(id, { size: 5 })],
      'digest-mismatch',
    ],
    [
      'with another kind of digest',
      (id) => [
        ack(id, facts(5)),
        data(id, 'hello'),
        end(id, { size: 5, digest: { alg: 'sha256', hex: '0'.repeat(64) } }),
      ],
      'digest-mismatch',
    ],
    [
      'given up in the middle',
      (id) => [
        ack(id, facts(5)),
        data(id, 'he'),
        end(id, { error: { code: 'changed', message: 'it changed', retryable: true } }),
      ],
      'changed',
    ],
  ]
  test.each(cases)('%s: keeps the old file', async (_, get, code) => {
    await using server = await HostileServer.start({ get })
    await using client = await connect(server.url)
    writeFileSync(join(folder, 'f'), 'old')
    await expect(client.get('/f', join(folder, 'f'))).rejects.toMatchObject({
      code,
      path: '/f',
      retryable: true,
    })
    expect(readFileSync(join(folder, 'f'), 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['f'])
  })
})

test('a get whose server sends more than it announced is stopped before the END', async () => {
  const get: Answer = (id) => [ack(id, facts(4)), data(id, 'hello')]
  const CANCEL: Answer = (id) => [
    end(id, { error: { code: 'cancelled', message: 'cancelled by the client', retryable: true } }),
  ]
  await using server = await HostileServer.start({ get, CANCEL })
  await using client = await connect(server.url)
  await expect(client.get('/f', join(folder, 'f'))).rejects.toMatchObject({ code: 'size-mismatch' })
  expect(readdirSync(folder)).toEqual([])
  await expect.poll(() => server.heard.at(-1)).toBe('CANCEL 2')
})

describe('a put whose confirmation is wrong', () => {
  test.each([
    ['digest', stored(5, 'hellO'), 'digest-mismatch'],
    ['size', stored(4, 'hello'), 'size-mismatch'],
    ['digest, missing,', { status: 'stored', path: '/f', size: 5 }, 'digest-mismatch'],
  ])('in its %s has failed', async (_, answer, code) => {
    await using server = await HostileServer.start({ put: (id) => [ack(id, answer)] })
    await using client = await connect(server.url)
    await expect(client.put(Buffer.from('hello'), '/f')).rejects.toMatchObject({ code })
  })
})

describe('an answer to a put that does not fit what was asked ends the connection', () => {
  const skipped = { status: 'skipped', path: '/f' }
  test.each<[string, object, PutOptions]>([
    ['skipped, though that was not asked for', skipped, {}],
    ['skipped where it was to be renamed', skipped, { onExists: 'rename' }],
    ['skipped under another path', { ...skipped, path: '/g' }, { onExists: 'skip' }],
    ['stored under another path', { ...stored(5, 'hello'), path: '/g' }, {}],
    ['renamed, though that was not asked for', { ...stored(5, 'hello'), path: '/f.new' }, {}],
    [
      'renamed to what is no name of a copy',
      { ...stored(5, 'hello'), path: '/f.old' },
      { onExists: 'rename' },
    ],
  ])('%s', async (_, answer, options) => {
    await using server = await HostileServer.start({ put: (id) => [ack(id, answer)] })
    await using client = await connect(server.url)
    await expect(client.put(Buffer.from('hello'), '/f', options)).rejects.toMatchObject({
      code: 'protocol-error',
      path: '/f',
    })
  })

  test.each(['/f', '/f.new', '/f.new.12', '/where/it/leads.new'])('unless it fits: %s', async (path) => {
    const put: Answer = (id) => [ack(id, { ...stored(5, 'hello'), path })]
    await using server = await HostileServer.start({ put })
    await using client = await connect(server.url)
    expect(await client.put(Buffer.from('hello'), '/f', { onExists: 'rename' })).toMatchObject({ path })
  })
})

describe('the body of an upload', () => {
  const put: Answer = (id, { eager }) => (eager === true ? [] : [ack(id, { status: 'ready', offset: 0 })])
  const refusal = { ok: false, error: { code: 'no-space', message: 'full', retryable: false } }
  const large = Buffer.alloc(1_500_000)

  test('is sent whole before the next begins', async () => {
    const confirm: Answer = (id, announced) => [ack(id, { status: 'stored', path: '/f', ...announced })]
    await using server = await HostileServer.start({ put, END: confirm })
    await using client = await connect(server.url)
    await Promise.all([client.put(large, '/f'), client.put(Buffer.from('2'), '/f'), client.put(large, '/f')])
    expect(server.heard.slice(1)).toEqual([2, 3, 4].flatMap((id) => [`put ${id}`, `DATA ${id}`, `END ${id}`]))
  })

  test.each(['refused', 'cancelled'] as const)('is ended where it is %s in the middle', async (how) => {
    const controller = new AbortController()
    const ended: unknown[] = []
    let pieces = 0
    const DATA: Answer = (id) => {
      if (id !== 2 || pieces++ > 0) return []
      if (how === 'refused') return [encodeJsonFrame(FrameType.ACK, id, refusal)]
      controller.abort()
      return []
    }
    const END: Answer = (id, announced) => {
      ended.push(announced)
      if (id === 2) return how === 'refused' ? [] : [encodeJsonFrame(FrameType.ACK, id, refusal)]
      return [ack(id, { status: 'stored', path: '/f', ...announced })]
    }
    await using server = await HostileServer.start({ put, DATA, END })
    await using client = await connect(server.url)
    const cut = client.put(endless(), '/f', { signal: controller.signal })
    const next = client.put(large, '/f')
    await expect(cut).rejects.toMatchObject({ code: how === 'refused' ? 'no-space' : 'cancelled' })
    expect(await next).toMatchObject({ status: 'sent', bytes: large.length })
    expect(ended).toEqual([
      { error: expect.objectContaining({ code: 'cancelled' }) },
      expect.objectContaining({ size: large.length }),
    ])
    expect(server.heard.indexOf('END 2')).toBeLessThan(server.heard.indexOf('put 3'))
  })

  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield large
      await new Promise(setImmediate)
    }
  }
})

describe('a listing', () => {
  const names = ['../evil', '..', '.', '', '/etc/passwd', 'a/b', 'nul\0']
  test.each(names)('that holds the name %j is not believed', async (name) => {
    const line = `${JSON.stringify({ name, type: 'file', size: 1, mtime: 0, mode: 0 })}\n`
    const ls: Answer = (id) => [
      ack(id, { path: '/', type: 'directory' }),
      data(id, line),
      end(id, { size: line.length, digest: md5(line) }),
    ]
    await using server = await HostileServer.start({ ls })
    await using client = await connect(server.url)
    const read = async () => {
      for await (const entry of client.list('/')) throw new Error(`listed ${entry.path}`)
    }
    await expect(read()).rejects.toMatchObject({ code: 'protocol-error' })
  })

  test.each([
    ['with the digest of other bytes', md5('')],
    ['without a digest', undefined],
  ])('that ends %s fails', async (_, digest) => {
    const line = `${JSON.stringify({ name: 'a', type: 'file', size: 1, mtime: 0, mode: 0 })}\n`
    const ls: Answer = (id) => [
      ack(id, { path: '/', type: 'directory' }),
      data(id, line),
      end(id, { size: line.length, digest }),
    ]
    await using server = await HostileServer.start({ ls })
    await using client = await connect(server.url)
    const read = async () => {
      for await (const entry of client.list('/')) expect(entry.name).toBe('a')
    }
    await expect(read()).rejects.toMatchObject({ code: 'digest-mismatch' })
  })
})

describe('the answer to exec', () => {
  const line = (text: string) => Buffer.from(text).toString('base64')
  const output = `{"type":"output","stream":"stdout","data":"${line('hello')}"}\n`
  const read = async (url: string) => {
    await using client = await connect(url)
    for await (const _item of client.exec('it')) {
      // Only its end is of interest.
    }
  }

  test.each([
    ['does not say how the program ended', output, /did not say how .* ended/],
    ['says nothing at all', '', /did not say how .* ended/],
    ['goes on after the end', `{"type":"exit","exitCode":0}\n${output}`, /went on after .* had ended/],
    ['ends twice', `{"type":"exit","exitCode":1}\n{"type":"exit","exitCode":0}\n`, /went on after/],
    ['has an exit code that is no number', '{"type":"exit","exitCode":"0"}\n', /exitCode/],
    ['has no exit code', '{"type":"exit"}\n', /exitCode/],
    ['has output that is no base64', '{"type":"output","stream":"stdout","data":"%"}\n', /base64/],
    ['has a stream of another name', `{"type":"output","stream":"log","data":""}\n`, /stdout/],
    ['has a line of another type', '{"type":"started"}\n', /output, exit or killed/],
  ])('that %s has failed', async (_what, body, message) => {
    const exec: Answer = (id) => [
      ack(id, { name: 'it' }),
      ...(body === '' ? [] : [data(id, body)]),
      end(id, { size: body.length, digest: md5(body) }),
    ]
    await using server = await HostileServer.start({ exec })
    await expect(read(server.url)).rejects.toMatchObject({
      code: 'protocol-error',
      message: expect.stringMatching(message),
    })
  })

  test('without end is not kept while nobody reads it', async () => {
    const page = output.repeat(10_000)
    const exec: Answer = (id) => [
      ack(id, { name: 'it' }),
      ...Array.from({ length: 100 }, () => data(id, page)),
    ]
    await using server = await HostileServer.start({ exec })
    await using client = await connect(server.url)
    const items = client.exec('it')[Symbol.asyncIterator]()
    await items.next()
    await sleep(300)
    const taken = server.taken
    await sleep(300)
    expect(server.taken).toBe(taken)
    expect(taken).toBeLessThan(50 * page.length)
    await items.return?.()
  })
})

describe('what a server sends without end is not kept without end', () => {
  const read = async (client: FtpClient) => {
    for await (const entry of client.list('/')) expect(entry.name).toBe('a')
  }

  test('a listing that ends in the middle of a line has failed', async () => {
    const line = JSON.stringify({ name: 'a', type: 'file', size: 1, mtime: 0, mode: 0 })
    const body = `${line}\n${line}`
    const ls: Answer = (id) => [
      ack(id, { path: '/', type: 'directory' }),
      data(id, body),
      end(id, { size: body.length, digest: md5(body) }),
    ]
    await using server = await HostileServer.start({ ls })
    await using client = await connect(server.url)
    await expect(read(client)).rejects.toMatchObject({
      code: 'protocol-error',
      message: expect.stringContaining('in the middle of a line'),
    })
  })

  test('a line of a listing', async () => {
    const ls: Answer = (id) => [ack(id, { path: '/', type: 'directory' }), data(id, 'x'.repeat(70_000))]
    await using server = await HostileServer.start({ ls })
    await using client = await connect(server.url)
    await expect(read(client)).rejects.toMatchObject({
      code: 'protocol-error',
      message: expect.stringContaining('has a line without an end'),
    })
  })

  test('lines that come faster than they are read while other calls wait behind them', async () => {
    const line = `${JSON.stringify({ name: 'a', type: 'file', size: 1, mtime: 0, mode: 0 })}\n`
    const page = line.repeat(10_000)
    const ls: Answer = (id) => [
      ack(id, { path: '/', type: 'directory' }),
      ...Array.from({ length: 150 }, () => data(id, page)),
    ]
    await using server = await HostileServer.start({ ls })
    await using client = await connect(server.url)
    const reader = client.list('/')[Symbol.asyncIterator]()
    await reader.next()
    const stat = expect(client.stat('/')).rejects.toMatchObject({ code: 'closed' })
    const failed = expect(
      (async () => {
        for (;;) {
          const { done } = await reader.next()
          if (done) return
          await new Promise(setImmediate)
        }
      })(),
    ).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('second connection') })
    await failed
    await client.close()
    await stat
  })

  test('PINGs of a server that does not read the answers', async () => {
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => encodeEmptyFrame(FrameType.PING, 1)))
    const put: Answer = (id) => [ack(id, { status: 'ready', offset: 0 })]
    let stopped = false
    const DATA: Answer = () => {
      if (stopped) return []
      stopped = true
      return 'stop reading'
    }
    await using server = await HostileServer.start({ put, DATA })
    await using client = await connect(server.url)
    const source = Readable.from([Buffer.alloc(60_000_000)])
    const onProgress = () => {
      if (stopped) server.send(pings)
    }
    await expect(client.put(source, '/f', { onProgress })).rejects.toMatchObject({
      code: 'protocol-error',
      message: expect.stringContaining('sends PINGs'),
    })
  })
})

test.each<[string, Answer]>([
  ['DATA', (id) => [data(id, '{}\n')]],
  ['END', (id) => [end(id, { size: 0, digest: md5('') })]],
])('%s of a listing that comes before its ACK ends the connection', async (_, ls) => {
  await using server = await HostileServer.start({ ls })
  await using client = await connect(server.url)
  const entries = client.list('/')[Symbol.asyncIterator]()
  await expect(entries.next()).rejects.toMatchObject({
    code: 'protocol-error',
    message: expect.stringContaining('before the ACK'),
  })
})

describe('what no server may say ends the connection', () => {
  const request = (id: number) => encodeJsonFrame(FrameType.REQUEST, id, { cmd: 'pwd' })
  test.each<[string, Answer]>([
    ['an answer to another request', (id) => [ack(id + 1, { path: '/', entry: folderEntry })]],
    ['DATA for a request that brings none', (id) => [data(id, 'x')]],
    ['a second HELLO', () => [encodeJsonFrame(FrameType.HELLO, 0, createHello('x'))]],
    ['a REQUEST', (id) => [request(id)]],
    ['CANCEL', (id) => [encodeEmptyFrame(FrameType.CANCEL, id)]],
    ['an ACK without its facts', (id) => [ack(id, {})]],
    ['END for a request that brings none', (id) => [end(id, { size: 0 })]],
    ['no frame at all', () => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]],
  ])('%s', async (_, stat) => {
    await using server = await HostileServer.start({ stat })
    const client = await connect(server.url)
    await expect(client.stat('/')).rejects.toMatchObject({ code: 'protocol-error' })
    expect(await client.closed).toMatchObject({ code: 'protocol-error' })
    await client.close()
  })
})

const failure = { code: 'io-error', message: 'the disk failed', retryable: false }

test.each([
  ['without a size', {}],
  ['with a size and an error', { size: 5, error: failure }],
  ['with a digest and an error', { digest: md5('hello'), error: failure }],
  ['with a digest of an unknown kind', { size: 5, digest: { alg: 'crc32', hex: '3610a686' } }],
])('an END %s ends the connection', async (_, body) => {
  const get: Answer = (id) => [ack(id, facts(5)), data(id, 'hello'), end(id, body)]
  await using server = await HostileServer.start({ get })
  const client = await connect(server.url)
  await expect(client.get('/f', join(folder, 'f'))).rejects.toMatchObject({ code: 'protocol-error' })
  expect(await client.closed).toMatchObject({ code: 'protocol-error' })
  expect(readdirSync(folder)).toEqual([])
  await client.close()
})

test('at most 256 requests are left unanswered', async () => {
  const asked: number[] = []
  const stat: Answer = (id) => {
    asked.push(id)
    return asked.length === 256 ? asked.map((each) => ack(each, { path: '/', entry: folderEntry })) : []
  }
  await using server = await HostileServer.start({ stat })
  await using client = await connect(server.url)
  const calls = Array.from({ length: 600 }, () => client.stat('/'))
  await Promise.all(calls.slice(0, 256))
  await expect.poll(() => asked.length).toBe(512)
  await expect.poll(() => server.heard.at(-1)).toBe('stat 513')
  expect(asked.length).toBe(512)
  const outcomes = Promise.allSettled(calls)
  await client.close()
  expect((await outcomes).filter(({ status }) => status === 'rejected').length).toBe(600 - 256)
})

test('a cancelled request is stopped at the server, its late answer is for nobody', async () => {
  const controller = new AbortController()
  const stat: Answer = (id) => {
    controller.abort()
    return id === 2 ? [] : [ack(id, { path: '/', entry: folderEntry })]
  }
  const CANCEL: Answer = (id) => [ack(id, { path: '/late', entry: folderEntry })]
  await using server = await HostileServer.start({ stat, CANCEL })
  await using client = await connect(server.url)
  await expect(client.stat('/', { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' })
  expect((await client.stat('/')).path).toBe('/')
  expect(server.heard.slice(1)).toEqual(['stat 2', 'CANCEL 2', 'stat 3'])
})

test('a server of another version is told apart from no server', async () => {
  await using server = await HostileServer.start(
    {},
    { ...createHello('newer'), versions: { min: 7, max: 9 } },
  )
  await expect(connect(server.url)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('7–9'),
  })
})

test('a refused login is the reason connect fails for', async () => {
  const error = { code: 'login-failed', message: 'who are you?', retryable: false }
  const login: Answer = (id) => [encodeJsonFrame(FrameType.ACK, id, { ok: false, error })]
  await using server = await HostileServer.start({ login })
  await expect(connect(server.url)).rejects.toMatchObject({ code: 'login-failed', message: 'who are you?' })
})

test('a full server says so', async () => {
  const error = { code: 'too-many-connections', message: 'come back later', retryable: true }
  const login: Answer = () => [encodeJsonFrame(FrameType.BYE, 0, { error })]
  await using server = await HostileServer.start({ login })
  await expect(connect(server.url)).rejects.toMatchObject({
    code: 'too-many-connections',
    message: expect.stringContaining('come back later'),
  })
})

describe("a server's own 'cancelled' is not the caller's", () => {
  const error = { code: 'cancelled', message: 'so be it', retryable: true }
  test.each<[string, Answer]>([
    ['BYE', () => [encodeJsonFrame(FrameType.BYE, 0, { error })]],
    ['ACK', (id) => [encodeJsonFrame(FrameType.ACK, id, { ok: false, error })]],
  ])('in its %s', async (_, stat) => {
    await using server = await HostileServer.start({ stat })
    await using client = await connect(server.url)
    await expect(client.stat('/')).rejects.toMatchObject({
      code: 'cancelled-by-server',
      retryable: true,
      message: expect.stringContaining('so be it'),
    })
  })
})

test('a PING is answered, and a client that leaves says BYE', async () => {
  const stat: Answer = (id) => [
    encodeEmptyFrame(FrameType.PING, 9),
    ack(id, { path: '/', entry: folderEntry }),
  ]
  await using server = await HostileServer.start({ stat })
  const client = await connect(server.url)
  await client.stat('/')
  await client.close()
  await client.closed
  await expect.poll(() => server.heard).toEqual(['login 1', 'stat 2', 'PONG 9', 'BYE 0'])
})

test('calls made while connecting leave with the login, unasked', async () => {
  // Says nothing at all before it has heard them: a client that waits would wait forever.
  await using server = await HostileServer.start(
    {
      login: () => [],
      put: () => [
        encodeJsonFrame(FrameType.HELLO, 0, createHello('late')),
        ack(1, { user: 'me', home: '/', permissions: [] }),
        ack(2, stored(5, 'hello')),
      ],
    },
    'silent',
  )
  await using client = open(server.url)
  expect(() => client.user).toThrow(FtpError)
  expect(await client.put(Buffer.from('hello'), '/f')).toMatchObject({ status: 'sent' })
  await client.ready
  expect(client.user).toBe('me')
})

test('calls made while connecting fail for the reason the connection does', async () => {
  const error = { code: 'login-failed', message: 'who are you?', retryable: false }
  const login: Answer = (id) => [encodeJsonFrame(FrameType.ACK, id, { ok: false, error })]
  await using server = await HostileServer.start({ login })
  const client = open(server.url)
  // Nothing was asked about /f, so the error does not name it.
  const refused = { code: 'login-failed', message: 'who are you?', path: undefined }
  await expect(client.stat('/f')).rejects.toMatchObject(refused)
  await expect(client.ready).rejects.toMatchObject({ code: 'login-failed', message: 'who are you?' })
  await client.close()
})

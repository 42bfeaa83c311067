import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect, FtpError, open, type Progress } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { Ftpd } from './client-ftpd.js'

async function failureOf(promise: Promise<unknown>): Promise<FtpError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof FtpError) return error
  throw new Error('expected an FtpError', { cause: error })
}

/** Listens on a free port while `use` runs. */
async function withListener<T>(server: Server, use: (url: string) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  try {
    return await use(`jftp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

describe('connect', () => {
  test('logs in and says where one is', async () => {
    await using ftpd = await Ftpd.start()
    for (const place of [`${ftpd.url}/some/path`, new URL(ftpd.url), ftpd.url.slice('jftp://'.length)]) {
      await using client = await connect(place)
      expect([client.user, client.home, client.url.href]).toEqual(['anonymous', '/', ftpd.url])
      expect(await client.ping()).toBeGreaterThan(0)
    }
  })

  test.each([
    ['an HTTP server', () => createHttpServer(), 'not-jftp', /HTTP server.*check the port/],
    ['an SSH server', () => speaking('SSH-2.0-OpenSSH_9.2\r\n'), 'not-jftp', /SSH server/],
    ['a classic FTP server', () => speaking('220 (vsFTPd 3.0.3)\r\n'), 'not-jftp', /classic FTP/],
    [
      'a server that hangs up',
      () => createServer((socket) => socket.end()),
      'connection-lost',
      /without a word/,
    ],
    ['a server that says nothing', () => createServer(), 'timeout', /did not answer within 300 ms/],
  ])('to %s fails with cause and fix', async (_, server, code, message) => {
    const error = await withListener(server(), (url) => failureOf(connect(url, { timeout: 300 })))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('to a port where nothing listens is refused', async () => {
    const url = await withListener(createServer(), (free) => Promise.resolve(free))
    const error = await failureOf(connect(url))
    const place = url.slice('jftp://'.length)
    expect(error.message).toBe(
      `cannot reach ${place}: connection refused; is ftpd running there? (start it with: ftpd ROOT)`,
    )
    expect([error.code, error.retryable]).toEqual(['connection-refused', true])
  })

  test('to a host that does not exist names it', async () => {
    const error = await failureOf(connect('jftp://no-such-host.invalid'))
    expect(error).toMatchObject({
      code: 'unknown-host',
      message: expect.stringContaining('no-such-host.invalid'),
    })
  })

  test('stops when its signal says so', async () => {
    const reason = new Error('enough')
    const error = await withListener(createServer(), (url) => {
      const controller = new AbortController()
      setImmediate(() => controller.abort(reason))
      return failureOf(connect(url, { signal: controller.signal }))
    })
    expect(error).toMatchObject({ code: 'cancelled', cause: reason })
  })
})

describe('a server that is killed', () => {
  test('fails what was under way for one reason, and leaves nothing half-written', async () => {
    await using ftpd = await Ftpd.start()
    const client = await connect(ftpd.url)
    writeFileSync(join(ftpd.local, 'in'), randomBytes(30_000_000))
    await client.put(join(ftpd.local, 'in'), '/whole')
    writeFileSync(join(ftpd.local, 'out'), 'old')
    const onProgress = () => ftpd.signal('SIGKILL')
    const calls = [
      client.get('/whole', join(ftpd.local, 'out'), { onProgress }),
      client.put(join(ftpd.local, 'in'), '/cut'),
      client.stat('/whole'),
    ]
    const errors = await Promise.all(calls.map(failureOf))
    const reason = await client.closed
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'connection-lost', retryable: true, cause: reason })
    }
    expect(errors[0]?.message).toMatch(/whole was not fetched whole \(\d+ of 30000000 bytes came\)/)
    expect(await failureOf(client.stat('/'))).toMatchObject({ code: 'connection-lost', cause: reason })
    expect(readFileSync(join(ftpd.local, 'out'), 'utf8')).toBe('old')
    // What came may be kept, to be continued.
    const parts = readdirSync(ftpd.local).filter((name) => name.endsWith('.part'))
    expect(parts.filter((name) => !name.startsWith('.jftp-kept-'))).toEqual([])
    expect(readdirSync(ftpd.root).filter((name) => name !== '.jftp')).toEqual(['whole'])
    await client.close()
  })

  test.each(['get', 'put'] as const)('leaves a %s of which the message says how to go on', async (way) => {
    await using ftpd = await Ftpd.start()
    const client = await connect(ftpd.url)
    const file = join(ftpd.local, 'file')
    writeFileSync(file, randomBytes(30_000_000))
    await client.put(file, '/whole')
    const onProgress = ({ bytes }: Progress) => {
      if (bytes >= 2 ** 20) ftpd.signal('SIGKILL')
    }
    const error = await failureOf(
      way === 'get' ? client.get('/whole', file, { onProgress }) : client.put(file, '/cut', { onProgress }),
    )
    expect(error.message).toMatch(
      new RegExp(`; ${way} it again; with -c \\(onExists: 'resume'\\) it goes on from`),
    )
    await client.close()
  })

  test('gently finishes what it began and says that it goes', async () => {
    await using ftpd = await Ftpd.start()
    const client = await connect(ftpd.url)
    await client.put(randomBytes(30_000_000), '/file')
    // Once: a second signal means "at once".
    let signals = 0
    const onProgress = () => signals++ === 0 && ftpd.signal('SIGTERM')
    const got = await client.get('/file', join(ftpd.local, 'file'), { onProgress })
    expect(got.bytes).toBe(30_000_000)
    expect(await client.closed).toMatchObject({ code: 'shutting-down', retryable: true })
    await client.close()
  })
})

describe('close', () => {
  test('fails what was not answered, and may be called again', async () => {
    await using ftpd = await Ftpd.start()
    const client = await connect(ftpd.url)
    writeFileSync(join(ftpd.local, 'in'), randomBytes(30_000_000))
    const put = failureOf(client.put(join(ftpd.local, 'in'), '/cut'))
    await client.close()
    expect(await put).toMatchObject({ code: 'closed', path: '/cut' })
    expect(await failureOf(client.stat('/'))).toMatchObject({ code: 'closed' })
    expect(await client.closed).toBeUndefined()
    await client.close()
  })
})

describe('a ping', () => {
  test('after close fails, as it does when the connection is lost before or meanwhile', async () => {
    await using ftpd = await Ftpd.start()
    const closed = await connect(ftpd.url)
    const meanwhile = failureOf(closed.ping())
    await closed.close()
    expect([(await meanwhile).code, (await failureOf(closed.ping())).code]).toEqual(['closed', 'closed'])

    const lost = await connect(ftpd.url)
    ftpd.signal('SIGKILL')
    const reason = await lost.closed
    expect(await failureOf(lost.ping())).toBe(reason)
    await lost.close()
  })
})

function speaking(text: string): Server {
  return createServer((socket) => socket.write(text))
}

test('a call made before the connection was there fails for the reason the connection did', async () => {
  const url = await withListener(createServer(), (free) => Promise.resolve(free))
  const client = open(url)
  const error = await failureOf(client.put(Buffer.from('x'), '/x'))
  expect(error).toMatchObject({ code: 'connection-refused', path: undefined })
  expect(error.message).toBe((await client.closed)?.message)
  await client.close()
})

import { createReadStream, createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { ReadableStream, WritableStream } from 'node:stream/web'
import { connect, type FtpClient } from '@jftp/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Ftpd } from './client-ftpd.js'
import { HostileServer } from './client-hostile-server.js'

let ftpd: Ftpd
let client: FtpClient
const unhandled = vi.fn()

beforeEach(async () => {
  ftpd = await Ftpd.start()
  client = await connect(ftpd.url)
  writeFileSync(join(ftpd.root, 'file'), Buffer.alloc(3_000_000, 1))
  unhandled.mockClear()
  process.on('unhandledRejection', unhandled).on('uncaughtExceptionMonitor', unhandled)
})

afterEach(async () => {
  await client.close()
  await ftpd[Symbol.asyncDispose]()
  process.off('unhandledRejection', unhandled).off('uncaughtExceptionMonitor', unhandled)
})

/** Lets the turns of the event loop pass in which nobody's error would be reported. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
}

test('an iterable that throws as it is ended does not end the program', async () => {
  const returns = [
    () => {
      throw new Error('no end')
    },
    () => ({ done: true }),
  ]
  for (const end of returns) {
    const next = () => new Promise<never>(() => {})
    const source = { [Symbol.asyncIterator]: () => ({ next, return: end as never }) }
    const controller = new AbortController()
    const put = client.put(source, '/endless', { signal: controller.signal })
    // The answer to this comes behind that to the put, so its body has begun.
    const asked = client.ping()
    await asked
    await settle()
    controller.abort()
    await expect(put).rejects.toMatchObject({ code: 'cancelled' })
    await settle()
    expect(unhandled).not.toHaveBeenCalled()
    expect(await client.stat('/file')).toMatchObject({ size: 3_000_000 })
  }
})

const sinking = () => new Writable({ write: (_chunk, _encoding, done) => done() })

describe('a stream that a get was to fill', () => {
  const cases: [string, string, string][] = [
    ['a missing file', '/missing', 'not-found'],
    ['a bad path', '/../x', 'bad-request'],
  ]
  test.each(cases)('is destroyed for %s, and nobody need listen for its error', async (_, path, code) => {
    const sink = sinking()
    await expect(client.get(path, sink)).rejects.toMatchObject({ code })
    await settle()
    expect(sink.destroyed).toBe(true)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test.each(cases)('of the web is aborted for %s', async (_, path, code) => {
    const abort = vi.fn()
    await expect(client.get(path, new WritableStream({ abort }))).rejects.toMatchObject({ code })
    await settle()
    expect(abort).toHaveBeenCalledWith(expect.objectContaining({ code }))
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('is destroyed if the client is closed already', async () => {
    await client.close()
    const sink = sinking()
    await expect(client.get('/file', sink)).rejects.toMatchObject({ code: 'closed' })
    expect(sink.destroyed).toBe(true)
  })

  test.each([0, 1, 5])('of the web fails its get where it fails after %i writes', async (count) => {
    let writes = 0
    const write = () => {
      if (writes++ === count) throw new Error('unplugged')
    }
    const get = client.get('/file', new WritableStream({ write }))
    await expect(get).rejects.toMatchObject({ code: 'local-io', message: 'unplugged' })
    await settle()
    expect(unhandled).not.toHaveBeenCalled()
    expect((await client.stat('/file')).size).toBe(3_000_000)
  })

  test('fails its get where it fails at its very end', async () => {
    const sink = new Writable({
      write: (_chunk, _encoding, done) => done(),
      final: (done) => done(new Error('the disk is full')),
    })
    await expect(client.get('/file', sink)).rejects.toMatchObject({ message: 'the disk is full' })
  })

  test.each([
    ['destroyed', (sink: Writable) => sink.destroy(), 'local-io'],
    ['ended', (sink: Writable) => sink.end(), 'local-io'],
  ])('may not be one that was %s before', async (_, spoil, code) => {
    const sink = sinking()
    spoil(sink)
    await settle()
    await expect(client.get('/file', sink)).rejects.toMatchObject({ code })
  })

  test('may fail while its get still waits for its turn', async () => {
    await using server = await HostileServer.start({})
    const other = await connect(server.url)
    const calls = Array.from({ length: 256 }, () => other.stat('/'))
    const sink = createWriteStream(join(ftpd.local, 'no/folder/file'))
    const outcomes = Promise.allSettled([...calls, other.get('/file', sink)])
    await new Promise<void>((resolve) => sink.once('close', resolve))
    await settle()
    expect(unhandled).not.toHaveBeenCalled()
    await other.close()
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('that failed before its get is begun is the reason why the get fails', async () => {
    const path = join(ftpd.local, 'no/folder/file')
    const sink = createWriteStream(path)
    // A put that waits for its source holds the gets behind it back, once the window is full.
    const first = new Readable({ read() {} })
    const put = client.put(first, '/1')
    writeFileSync(join(ftpd.root, 'tiny'), 'x')
    const gets = Array.from({ length: 255 }, () => client.get('/tiny', sinking()))
    const get = expect(client.get('/file', sink)).rejects.toMatchObject({ code: 'local-not-found', path })
    await new Promise<void>((resolve) => sink.once('close', resolve))
    first.push(null)
    await Promise.all([put, ...gets, get])
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('may not be locked by somebody else', async () => {
    const sink = new WritableStream()
    sink.getWriter()
    await expect(client.get('/file', sink)).rejects.toMatchObject({ code: 'usage' })
    await settle()
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a source that is never put', () => {
  test('is destroyed if the client is closed or the path is bad', async () => {
    const sources = [new Readable({ read() {} }), new Readable({ read() {} })] as const
    await expect(client.put(sources[0], '/../x')).rejects.toMatchObject({ code: 'bad-request' })
    await client.close()
    await expect(client.put(sources[1], '/x')).rejects.toMatchObject({ code: 'closed' })
    expect(sources.map((source) => source.destroyed)).toEqual([true, true])
  })

  test('is destroyed if it waited behind others when the client was closed', async () => {
    const first = new Readable({ read() {} })
    const second = new Readable({ read() {} })
    const cancelled = vi.fn()
    const third = new ReadableStream({ cancel: cancelled })
    const puts = [client.put(first, '/1'), client.put(second, '/2'), client.put(third, '/3')]
    const outcomes = Promise.allSettled(puts)
    await client.ping()
    await client.close()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect([first.destroyed, second.destroyed]).toEqual([true, true])
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('is named if it failed before anybody read it', async () => {
    const missing = join(ftpd.local, 'missing')
    const first = new Readable({ read() {} })
    const stuck = client.put(first, '/1')
    const put = expect(client.put(createReadStream(missing), '/2')).rejects.toMatchObject({
      code: 'local-not-found',
      path: missing,
    })
    await client.ping()
    await settle()
    first.push(null)
    await stuck
    await put
    expect(unhandled).not.toHaveBeenCalled()
  })
})

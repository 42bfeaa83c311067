import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { PassThrough, Readable, Writable } from 'node:stream'
import { WritableStream } from 'node:stream/web'
import { type Progress } from '@jftp/client'
import { digestOf, prepareDigest } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { client, connectOnce, ftpd, local, served } from './connected-client.js'

connectOnce()

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

describe('a file', () => {
  test.each([
    ['empty', 0],
    ['of one byte', 1],
    ['as large as leaves with its request', 256 * 1024],
    ['one byte larger', 256 * 1024 + 1],
    ['of 300 KiB', 300 * 1024],
    ['handled by the thread', 5 * 1024 * 1024 + 3],
    ['of 100 MB', 100_000_000],
  ])('%s goes up and comes back, its md5 the same at both ends', async (_, size) => {
    const bytes = randomBytes(size)
    writeFileSync(local('in'), bytes)
    const progress: Progress[] = []
    const options = { onProgress: (now: Progress) => progress.push(now) }
    const digest = { alg: 'md5', hex: md5(bytes) }

    const sent = await client.put(local('in'), '/file', options)
    expect(sent).toMatchObject({ status: 'sent', path: '/file', bytes: size, digest, resumedFrom: 0 })
    expect(md5(readFileSync(served('file')))).toBe(digest.hex)
    expect(progress.at(-1)).toEqual({ bytes: size, total: size })

    progress.length = 0
    const received = await client.get('/file', local('out'), options)
    expect(received).toMatchObject({
      status: 'received',
      path: '/file',
      local: local('out'),
      bytes: size,
      digest,
    })
    expect(md5(readFileSync(local('out')))).toBe(digest.hex)
    expect(progress.at(-1)).toEqual({ bytes: size, total: size })
  })

  test.each(['sha256', 'none'] as const)('is checked with %s where that is asked for', async (alg) => {
    const bytes = randomBytes(100_000)
    const digest = alg === 'none' ? undefined : { alg, hex: createHash(alg).update(bytes).digest('hex') }
    expect((await client.put(bytes, '/digest', { digest: alg })).digest).toEqual(digest)
    expect((await client.get('/digest', local('digest'), { digest: alg })).digest).toEqual(digest)
    expect(readFileSync(local('digest')).equals(bytes)).toBe(true)
  })

  describe.each(['blake3', 'xxh128'] as const)('is checked with %s', (alg) => {
    test.each([
      ['empty', 0],
      ['sent together with its request', 1000],
      ['sent in pieces', 1024 * 1024],
      ['read and written by a thread', 9 * 1024 * 1024],
    ])('if it is %s', async (_, size) => {
      const bytes = randomBytes(size)
      await prepareDigest(alg)
      const digest = digestOf(alg, bytes)
      writeFileSync(local('in'), bytes)
      expect((await client.put(local('in'), `/${alg}`, { digest: alg })).digest).toEqual(digest)
      expect(readFileSync(served(alg)).equals(bytes)).toBe(true)
      expect((await client.get(`/${alg}`, local('out'), { digest: alg })).digest).toEqual(digest)
      expect(readFileSync(local('out')).equals(bytes)).toBe(true)
    })

    test('if it comes from a stream and goes to one', async () => {
      const bytes = randomBytes(700_000)
      await prepareDigest(alg)
      const digest = digestOf(alg, bytes)
      const source = Readable.from([bytes.subarray(0, 7), bytes.subarray(7)])
      expect((await client.put(source, `/${alg}`, { digest: alg })).digest).toEqual(digest)
      expect((await client.get(`/${alg}`, new PassThrough().resume(), { digest: alg })).digest).toEqual(
        digest,
      )
    })

    test('if many are moved at the same time over one connection', async () => {
      const files = Array.from({ length: 20 }, (_, index) => ({
        path: `/${alg}-${index}`,
        bytes: randomBytes(400_000),
      }))
      await Promise.all(files.map(({ path, bytes }) => client.put(bytes, path, { digest: alg })))
      await Promise.all(files.map(({ path }) => client.get(path, local(path.slice(1)), { digest: alg })))
      for (const { path, bytes } of files) expect(readFileSync(local(path.slice(1))).equals(bytes)).toBe(true)
    })
  })

  test('keeps time and mode both ways where that is asked for', async () => {
    writeFileSync(local('kept'), 'x')
    chmodSync(local('kept'), 0o640)
    const time = new Date('2001-02-03T04:05:06Z')
    utimesSync(local('kept'), time, time)
    await client.put(local('kept'), '/kept', { preserve: 'times-and-mode' })
    expect(await client.stat('/kept')).toMatchObject({ mtime: time.getTime(), mode: 0o640 })
    await client.get('/kept', local('kept-back'), { preserve: 'times-and-mode' })
    const back = statSync(local('kept-back'))
    expect(back.mtimeMs).toBe(time.getTime())
    expect(back.mode & 0o777).toBe(0o640)
  })

  test('that is replaced by a get keeps its permissions', async () => {
    writeFileSync(local('secret'), 'old', { mode: 0o600 })
    await client.put(Buffer.from('new'), '/secret')
    await client.get('/secret', local('secret'))
    expect(statSync(local('secret')).mode & 0o777).toBe(0o600)
  })

  test.each([
    'with space',
    `"quo'ted"`,
    'new\nline',
    'ünïcødé 文件',
    '-rf',
    `${'é'.repeat(127)}x`,
    '%41?#&',
    '\\',
  ])('named %j keeps its name', async (name) => {
    writeFileSync(local(name), name)
    await client.put(local(name), `/${name}`)
    expect(readFileSync(served(name), 'utf8')).toBe(name)
    await client.get(`/${name}`, local('back'))
    expect(readFileSync(local('back'), 'utf8')).toBe(name)
  })
})

describe('where the name is taken', () => {
  test('put overwrites, skips, renames or fails', async () => {
    const put = (text: string, onExists?: 'overwrite' | 'skip' | 'rename' | 'fail') =>
      client.put(Buffer.from(text), '/taken', onExists === undefined ? {} : { onExists })
    await put('1')
    await put('2')
    expect(await put('3', 'skip')).toMatchObject({ status: 'skipped', bytes: 0, digest: undefined })
    expect(await put('4', 'rename')).toMatchObject({ status: 'sent', path: '/taken.new' })
    await expect(put('5', 'fail')).rejects.toMatchObject({ code: 'exists', path: '/taken' })
    expect(readFileSync(served('taken'), 'utf8')).toBe('2')
    expect(readFileSync(served('taken.new'), 'utf8')).toBe('4')
  })

  test('get overwrites, skips, renames or fails', async () => {
    await client.put(Buffer.from('new'), '/there')
    const target = local('there')
    writeFileSync(target, 'old')
    expect(await client.get('/there', target, { onExists: 'skip' })).toMatchObject({ status: 'skipped' })
    await expect(client.get('/there', target, { onExists: 'fail' })).rejects.toMatchObject({
      code: 'local-exists',
    })
    expect(await client.get('/there', target, { onExists: 'rename' })).toMatchObject({
      local: `${target}.new`,
    })
    expect(readFileSync(target, 'utf8')).toBe('old')
    await client.get('/there', target)
    expect(readFileSync(target, 'utf8')).toBe('new')
  })

  test('since the get began, the newcomer is kept as well', async () => {
    await client.put(randomBytes(3_000_000), '/race')
    const target = local('race')
    const onProgress = () => writeFileSync(target, 'newcomer')
    await expect(client.get('/race', target, { onExists: 'fail', onProgress })).rejects.toMatchObject({
      code: 'local-exists',
    })
    expect(readFileSync(target, 'utf8')).toBe('newcomer')
    expect(readdirSync(ftpd.local).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})

describe('what is put may be', () => {
  const bytes = randomBytes(700_000)
  test.each([
    ['bytes', () => bytes],
    ['a Blob', () => new Blob([bytes])],
    ['a Readable', () => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)])],
    ['a web stream', () => new Blob([bytes]).stream()],
    ['an async iterable that uses one buffer again and again', () => reusing(bytes)],
    ['a Readable of tiny chunks', () => Readable.from(slices(bytes, 100))],
  ])('%s', async (_, source) => {
    const sent = await client.put(source(), '/source')
    expect(sent).toMatchObject({ status: 'sent', bytes: bytes.length, digest: { hex: md5(bytes) } })
    expect(readFileSync(served('source')).equals(bytes)).toBe(true)
  })

  test('nothing at all', async () => {
    expect(await client.put(Readable.from([]), '/nothing')).toMatchObject({ bytes: 0 })
    expect(statSync(served('nothing')).size).toBe(0)
  })

  test('a file of the system that has content and no size', async () => {
    if (process.platform !== 'linux') return
    await client.put('/proc/version', '/version')
    expect(readFileSync(served('version'), 'utf8')).toBe(readFileSync('/proc/version', 'utf8'))
  })

  test('no source that fails in the middle', async () => {
    const failing = Readable.from(
      (function* () {
        yield Buffer.from('beginning')
        throw new Error('out of paper')
      })(),
    )
    await expect(client.put(failing, '/failing')).rejects.toMatchObject({ code: 'local-io' })
    await expect(client.stat('/failing')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('what is got may go to', () => {
  test('a slow Writable', async () => {
    const bytes = randomBytes(2_000_000)
    await client.put(bytes, '/slow')
    const chunks: Uint8Array[] = []
    const slow = new Writable({
      highWaterMark: 1000,
      write(chunk: Uint8Array, _, done) {
        chunks.push(Uint8Array.from(chunk))
        setImmediate(done)
      },
    })
    await client.get('/slow', slow)
    expect(slow.writableFinished).toBe(true)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })

  test('a stream that is read meanwhile', async () => {
    const bytes = randomBytes(2_000_000)
    await client.put(bytes, '/through')
    const through = new PassThrough()
    const [result, chunks] = await Promise.all([client.get('/through', through), through.toArray()])
    expect(result.bytes).toBe(bytes.length)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })

  test('a web stream', async () => {
    const chunks: Uint8Array[] = []
    const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) })
    await client.put(Buffer.from('hello'), '/web')
    await client.get('/web', stream)
    expect(Buffer.concat(chunks).toString()).toBe('hello')
  })

  test('no stream that fails; the connection goes on', async () => {
    await client.put(randomBytes(2_000_000), '/broken')
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('unplugged')) })
    await expect(client.get('/broken', broken)).rejects.toMatchObject({
      code: 'local-io',
      message: 'unplugged',
    })
    expect(broken.destroyed).toBe(true)
    expect((await client.stat('/broken')).size).toBe(2_000_000)
  })

  test('several places at once, the pieces of each its own', async () => {
    const small = randomBytes(50)
    const large = randomBytes(9_000_000)
    await client.put(small, '/small')
    await client.put(large, '/large')
    const kept: Uint8Array[] = []
    const keeping = () =>
      new Writable({ write: (chunk, _, done) => setImmediate(() => done(void kept.push(chunk))) })
    await Promise.all([
      client.get('/small', keeping()),
      client.get('/large', local('large')),
      client.get('/small', keeping()),
      client.get('/large', local('large-2')),
    ])
    expect(Buffer.concat(kept).equals(Buffer.concat([small, small]))).toBe(true)
    expect(md5(readFileSync(local('large')))).toBe(md5(large))
    expect(md5(readFileSync(local('large-2')))).toBe(md5(large))
  })
})

describe('what cannot be transferred is said, and nothing is left', () => {
  test.each([
    ['a missing file', () => client.put(local('missing'), '/x'), 'local-not-found'],
    ['a folder', () => client.put(ftpd.root, '/x'), 'local-is-a-directory'],
    ['a file over a folder', () => client.put(Buffer.from('x'), '/folder'), 'is-a-directory'],
    ['a large file over a folder', () => client.put(randomBytes(600_000), '/folder'), 'is-a-directory'],
    ['into no folder', () => client.put(Buffer.from('x'), '/no/folder'), 'not-found'],
    ['above the root', () => client.put(Buffer.from('x'), '/../x'), 'bad-request'],
    ['a name with NUL', () => client.put(Buffer.from('x'), '/a\0b'), 'bad-request'],
    ['what is not there', () => client.get('/missing', local('x')), 'not-found'],
    ['a remote folder', () => client.get('/folder', local('x')), 'is-a-directory'],
    ['onto a local folder', () => client.get('/here', ftpd.root), 'local-is-a-directory'],
    ['into no local folder', () => client.get('/here', local('no/folder')), 'local-not-found'],
    ['through a local file', () => client.get('/here', local('plain/x')), 'local-not-a-directory'],
  ])('%s', async (_, transfer, code) => {
    mkdirSync(served('folder'), { recursive: true })
    writeFileSync(served('here'), 'here')
    writeFileSync(local('plain'), 'plain')
    const before = [readdirSync(ftpd.local), readdirSync(ftpd.root)]
    await expect(transfer()).rejects.toMatchObject({ name: 'FtpError', code })
    expect([readdirSync(ftpd.local), readdirSync(ftpd.root)]).toEqual(before)
  })
})

async function* reusing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(70_000)
  for (const slice of slices(bytes, buffer.length)) {
    buffer.set(slice)
    yield buffer.subarray(0, slice.length)
    buffer.fill(0)
  }
}

function* slices(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

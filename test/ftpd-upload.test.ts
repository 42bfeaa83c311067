import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { cutOff } from './place.js'
import { errorCode, passedOf, RawClient, say } from './raw-client.js'
import { daemon, root, serveRoot } from './served-root.js'
import { staged, tempFolder, visible } from './temp-folder.js'

const MiB = 1024 * 1024

describe.each(SERVERS)('%s', (_name, args) => {
  serveRoot(args)
  beforeEach(() => writeFileSync(join(root, 'old'), 'old content'))

  const read = (name: string) => readFileSync(join(root, name))

  test('an eager put that is refused is discarded to its END, and the connection goes on', async () => {
    using client = await RawClient.login(daemon.place)
    const bytes = randomBytes(MiB)
    client.send(say.request(1, 'put', { path: '/none/file', eager: true, size: 8 * MiB }))
    for (let n = 0; n < 8; n++) client.send(say.data(1, bytes))
    client.send(say.end(1, bytes), say.eagerPut(2, '/after', 'after'))
    expect(errorCode(await client.ack(1))).toBe('not-found')
    expect(await client.ack(2)).toMatchObject({ status: 'stored' })
    expect(read('after').toString()).toBe('after')
    expect(staged(root)).toEqual([])
  })

  test('a put that waits for `ready` takes its body, of any number of pieces', async () => {
    using client = await RawClient.login(daemon.place)
    const bytes = randomBytes(3 * MiB + 7)
    expect(await client.ask(1, 'put', { path: '/ready', size: bytes.length })).toEqual({
      ok: true,
      status: 'ready',
      offset: 0,
    })
    for (const size of [1, 100, 65_536, MiB]) client.send(say.data(1, bytes.subarray(0, size)))
    const sent = Buffer.concat([1, 100, 65_536, MiB].map((size) => bytes.subarray(0, size)))
    client.send(say.end(1, sent))
    // 1 + 100 + 65,536 + 1,048,576 bytes came and 3 MiB + 7 were announced.
    expect(errorCode(await client.ack(1))).toBe('size-mismatch')
    expect(await client.ask(2, 'put', { path: '/ready' })).toMatchObject({ status: 'ready' })
    for (let at = 0; at < bytes.length; at += 99_991)
      client.send(say.data(2, bytes.subarray(at, at + 99_991)))
    client.send(say.end(2, bytes))
    expect(await client.ack(2)).toEqual({ ok: true, status: 'stored', path: '/ready', ...passedOf(bytes) })
    expect(read('ready').equals(bytes)).toBe(true)
  })

  test('an empty file', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/empty', ''))
    expect(await client.ack(1)).toMatchObject({ status: 'stored', ...passedOf('') })
    expect(read('empty')).toHaveLength(0)
  })

  test.each(['skip', 'fail'])('onExists %s answers without a body and wants none', async (onExists) => {
    using client = await RawClient.login(daemon.place)
    const ack = await client.ask(1, 'put', { path: '/old', onExists })
    if (onExists === 'skip') expect(ack).toEqual({ ok: true, status: 'skipped', path: '/old' })
    else expect(errorCode(ack)).toBe('exists')
    expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
    expect(read('old').toString()).toBe('old content')
  })

  test.each(['skip', 'fail'])('onExists %s of an eager put discards the body', async (onExists) => {
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/old', 'new', { onExists }), say.request(2, 'pwd'))
    const ack = await client.ack(1)
    expect(ack['status'] ?? errorCode(ack)).toBe(onExists === 'skip' ? 'skipped' : 'exists')
    expect(await client.ack(2)).toMatchObject({ ok: true })
    expect(read('old').toString()).toBe('old content')
  })

  const wrong: [what: string, code: string, end: object][] = [
    ['another md5', 'digest-mismatch', passedOf('new_')],
    ['no digest', 'digest-mismatch', { size: 4 }],
    [
      'another kind of digest',
      'digest-mismatch',
      { size: 4, digest: { alg: 'sha256', hex: 'a'.repeat(64) } },
    ],
    ['another size', 'size-mismatch', { ...passedOf('new!'), size: 5 }],
  ]
  test.each(wrong)('an END with %s: %s, and the old file is there', async (_what, code, end) => {
    using client = await RawClient.login(daemon.place)
    client.send(say.request(1, 'put', { path: '/old', eager: true }), say.data(1, 'new!'))
    const frame = Buffer.from(JSON.stringify(end))
    const header = Buffer.from([0, 0, 0, frame.length, 5, 0, 0, 1])
    client.send(header, frame)
    expect(errorCode(await client.ack(1))).toBe(code)
    expect(read('old').toString()).toBe('old content')
    expect(staged(root)).toEqual([])
    expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
  })

  test('an END with an error stops the upload, and nothing is changed', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(
      say.request(1, 'put', { path: '/old', eager: true }),
      say.data(1, 'half'),
      say.failedEnd(1, 'changed'),
    )
    expect(errorCode(await client.ack(1))).toBe('changed')
    expect(read('old').toString()).toBe('old content')
    expect(staged(root)).toEqual([])
  })

  test('a time no file can have is refused, and the session goes on', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/old', 'new', { mtime: Number.MAX_SAFE_INTEGER }))
    expect(errorCode(await client.ack(1))).toBe('bad-request')
    expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
  })

  test('`none` is stored unverified, and every digest is checked as md5 is', async () => {
    using client = await RawClient.login(daemon.place)
    const unverified = [
      say.request(1, 'put', { path: '/none', eager: true, digest: 'none' }),
      say.data(1, 'x'),
    ]
    client.send(...unverified, Buffer.from('\0\0\0\x0a\x05\0\0\x01{"size":1}', 'latin1'))
    expect(await client.ack(1)).toEqual({ ok: true, status: 'stored', path: '/none', size: 1 })
    for (const [id, digest] of [
      [2, 'sha256'],
      [3, 'blake3'],
      [4, 'xxh128'],
    ] as const) {
      client.send(say.eagerPut(id, '/unlike', 'x', { digest }))
      expect(errorCode(await client.ack(id))).toBe('digest-mismatch')
    }
    expect(visible(root)).not.toContain('unlike')
  })

  test('the client is gone in the middle: nothing is published and nothing left', async () => {
    const client = await RawClient.login(daemon.place)
    const bytes = randomBytes(MiB)
    expect(await client.ask(1, 'put', { path: '/old', size: 10 * MiB })).toMatchObject({ status: 'ready' })
    client.send(say.data(1, bytes), say.data(1, bytes))
    await new Promise((resolve) => client.socket.write('', resolve))
    cutOff(client.socket)
    await daemon.logged((line) => line.type === 'transfer' && line['result'] === 'cancelled')
    expect(read('old').toString()).toBe('old content')
    expect(staged(root)).toEqual([])
  })
})

test('a new file has the permission bits of createMode, less the umask of ftpd', async () => {
  using folder = tempFolder('in memory')
  const root = folder.path
  const command = ['/bin/sh', '-c', 'umask 027; exec "$0" "$@"', process.execPath] as const
  await using daemon = await DaemonProcess.start(root, [], { command })
  writeFileSync(join(root, 'old'), 'old content')
  chmodSync(join(root, 'old'), 0o604)
  using client = await RawClient.login(daemon.place)
  const modeAfterPut = async (id: number, args: { path: string; createMode?: number; onExists?: string }) => {
    client.send(say.eagerPut(id, args.path, 'new', args))
    const { path } = await client.ack(id)
    return (statSync(join(root, String(path))).mode & 0o7777).toString(8)
  }
  expect(await modeAfterPut(1, { path: '/absent' })).toBe('640')
  expect(await modeAfterPut(2, { path: '/open', createMode: 0o777 })).toBe('750')
  expect(await modeAfterPut(3, { path: '/secret', createMode: 0o600 })).toBe('600')
  expect(await modeAfterPut(4, { path: '/set-user-id', createMode: 0o4755 })).toBe('750')
  expect(await modeAfterPut(5, { path: '/old', createMode: 0o600 })).toBe('604')
  // `rename` leaves the file that has the name alone, so what is stored beside it is new.
  expect(await modeAfterPut(6, { path: '/old', createMode: 0o600, onExists: 'rename' })).toBe('600')
})

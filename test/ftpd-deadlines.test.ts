import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@jftp/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, type LogLine, SERVER_ARGS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { staged, tempFolder } from './temp-folder.js'

const MiB = 1024 * 1024

/** Shorter than any deadline here, so that whoever does something this often is not late, in milliseconds. */
const STEP = 250

const ONE_SECOND = ['--login-timeout', '1', '--idle-timeout', '1', '--stall-timeout', '1']

describe('all deadlines at a second', () => {
  let folder: ReturnType<typeof tempFolder>
  let root = ''
  let daemon: DaemonProcess

  beforeEach(async () => {
    folder = tempFolder('in memory')
    root = join(folder.path, 'root')
    mkdirSync(root)
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 64 * MiB)
    daemon = await DaemonProcess.start(root, [...SERVER_ARGS, ...ONE_SECOND])
  })
  afterEach(async () => {
    await daemon[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const ended = (line: LogLine) => line.type === 'session-ended'

  /** Does something again and again until the server ends the connection; what it said at last. */
  async function lastWords(client: RawClient, again: () => void = () => {}): Promise<string[]> {
    const timer = setInterval(again, STEP)
    try {
      return (await client.rest()).map(({ type, json }) => `${type} ${errorCode(json)}`)
    } finally {
      clearInterval(timer)
    }
  }

  test('whoever says nothing is told that it is too late for the login', async () => {
    using client = await RawClient.connect(daemon.place)
    expect(await lastWords(client)).toEqual(['BYE timeout'])
    expect(await daemon.logged(ended)).toMatchObject({ reason: 'timeout: no login within 1 s' })
  })

  test('before the login it does not help to be busy', async () => {
    using client = await RawClient.connect(daemon.place)
    client.send(say.hello())
    let id = 0
    const said = await lastWords(client, () => client.send(say.request(id++, 'ping'), say.ping(7)))
    expect(said.at(-1)).toBe('BYE timeout')
    expect(said).toContain('PONG none')
  })

  test('whoever has logged in and asks for nothing more is idle', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'pwd')).toMatchObject({ ok: true })
    expect(await lastWords(client)).toEqual(['BYE timeout'])
    expect(await daemon.logged(ended)).toMatchObject({
      user: 'anonymous',
      reason: 'timeout: no request for 1 s',
    })
  })

  test('a PING is a sign of life', async () => {
    using client = await RawClient.login(daemon.place)
    for (let n = 0; n < 10; n++) {
      client.send(say.ping(n))
      expect(await client.next()).toMatchObject({ type: 'PONG', id: n })
      await sleep(STEP)
    }
    expect(await client.ask(1, 'pwd')).toMatchObject({ ok: true })
  })

  test('an upload that goes on slowly is neither idle nor stalled', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/slow' })).toMatchObject({ status: 'ready' })
    for (let n = 0; n < 10; n++) {
      client.send(say.data(1, `${n}`))
      await sleep(STEP)
    }
    client.send(say.end(1, '0123456789'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect(readFileSync(join(root, 'slow'), 'utf8')).toBe('0123456789')
  })

  test('a download that is read slowly is neither idle nor stalled', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'get', { path: '/large' })).toMatchObject({ ok: true })
    let bytes = 0
    for (let read = 0, frame = await client.next(); frame?.type !== 'END'; frame = await client.next()) {
      bytes += frame?.payload.length ?? 0
      if (bytes - read < 5 * MiB) continue
      read = bytes
      await sleep(STEP)
    }
    expect(bytes).toBe(64 * MiB)
  })

  test('an upload that gets no more bytes fails with `timeout`, and nothing of it is left', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/half' })).toMatchObject({ status: 'ready' })
    client.send(say.data(1, 'half'))
    expect(await lastWords(client)).toEqual(['ACK timeout', 'BYE timeout'])
    const line = await daemon.logged(ended)
    expect(line['reason']).toBe('timeout: the client neither sent nor took anything for 1 s')
    expect(daemon.lines).toContainEqual(
      expect.objectContaining({ type: 'transfer', op: 'put', path: '/half', result: 'timeout' }),
    )
    expect(staged(root)).toEqual([])
  })

  test('a client that is slow because of its own rate limit is not taken for one that has gone', async () => {
    await using client = await connect(daemon.url, { limitRate: 100_000 })
    // Longer than the deadline, and far shorter than the download at this rate.
    const signal = AbortSignal.timeout(4000)
    const get = client.get('/large', join(folder.path, 'copy'), { signal })
    await expect(get).rejects.toMatchObject({ code: 'cancelled' })
    expect(daemon.lines.filter(({ type }) => type === 'transfer' || type === 'session-ended')).toEqual([])
  })

  const unread: [what: string, frames: () => Uint8Array[]][] = [
    ['a download that nobody reads', () => [say.request(1, 'get', { path: '/large' })]],
    [
      'answers that nobody reads',
      () =>
        Array.from({ length: 60_000 }, (_, id) => say.request(id, 'stat', { path: `/${'x'.repeat(200)}` })),
    ],
  ]
  test.each(unread)('%s: the session ends, though its client does not hear of it', async (_what, frames) => {
    // They are made before the login, so that the session is not idle meanwhile.
    const all = frames()
    using client = await RawClient.login(daemon.place)
    client.socket.pause()
    client.send(...all)
    expect(await daemon.logged(ended)).toMatchObject({
      reason: 'timeout: the client neither sent nor took anything for 1 s',
    })
    using other = await RawClient.login(daemon.place)
    expect(await other.ask(1, 'pwd')).toMatchObject({ ok: true })
  })
})

import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { makeRootForEachTest, root } from './served-root.js'
import { staged, visible } from './temp-folder.js'

const MiB = 1024 * 1024
const stopping = (line: { type?: string }) => line.type === 'stopping'

describe.each(SERVERS)('%s', (_name, args) => {
  makeRootForEachTest(() => {
    // A hole, larger than all the buffers between the two ends.
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 64 * MiB)
    writeFileSync(join(root, 'old'), 'old content')
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: a get under way is finished, then BYE and exit 0',
    async (signal) => {
      await using daemon = await DaemonProcess.start(root, args)
      using client = await RawClient.login(daemon.place)
      expect(await client.ask(1, 'get', { path: '/large' })).toMatchObject({ ok: true })
      client.send(say.request(2, 'mkdir', { path: '/never' }))
      daemon.process.kill(signal)
      await daemon.logged(stopping)
      const { bytes, end } = await client.body(1)
      expect([bytes.length, end['size']]).toEqual([64 * MiB, 64 * MiB])
      const rest = await client.rest()
      expect(rest.map(({ type, json }) => [type, errorCode(json)])).toEqual([['BYE', 'shutting-down']])
      client.half()
      expect(await daemon.exited).toEqual({ code: 0, signal: null })
      expect(visible(root)).toEqual(['large', 'old'])
    },
  )

  test('a put under way is finished and kept, and nothing of the server’s own is left', async () => {
    await using daemon = await DaemonProcess.start(root, args)
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/old' })).toMatchObject({ status: 'ready' })
    client.send(say.data(1, 'new '))
    daemon.process.kill('SIGTERM')
    await daemon.logged(stopping)
    client.send(say.data(1, 'content'), say.end(1, 'new content'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect((await client.rest()).map(({ type }) => type)).toEqual(['BYE'])
    client.half()
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('new content')
    expect(existsSync(join(root, '.jftp'))).toBe(false)
  })

  test('who only waits is told at once, and nobody new comes in', async () => {
    await using daemon = await DaemonProcess.start(root, args)
    using busy = await RawClient.login(daemon.place)
    using idle = await RawClient.login(daemon.place)
    using silent = await RawClient.connect(daemon.place)
    expect(await busy.ask(1, 'put', { path: '/new' })).toMatchObject({ status: 'ready' })
    daemon.process.kill('SIGTERM')
    for (const client of [idle, silent]) {
      const rest = await client.rest()
      expect(rest.map(({ type, json }) => [type, errorCode(json)])).toEqual([['BYE', 'shutting-down']])
      client.half()
    }
    await expect(RawClient.connect(daemon.place)).rejects.toThrow(/ECONNREFUSED|ENOENT/)
    busy.send(say.end(1, ''))
    expect(await busy.ack(1)).toMatchObject({ status: 'stored' })
    expect((await busy.rest()).map(({ type }) => type)).toEqual(['BYE'])
    busy.half()
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
  })

  test('what takes longer than --grace is cut off, changes nothing, and the exit code is still 0', async () => {
    await using daemon = await DaemonProcess.start(root, [...args, '--grace', '1'])
    using reader = await RawClient.login(daemon.place)
    using writer = await RawClient.login(daemon.place)
    expect(await reader.ask(1, 'get', { path: '/large' })).toMatchObject({ ok: true })
    expect(await writer.ask(1, 'put', { path: '/old' })).toMatchObject({ status: 'ready' })
    writer.send(say.data(1, 'half'))
    daemon.process.kill('SIGTERM')
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
    expect(daemon.lines.filter((line) => line.type === 'cut-off')).toMatchObject([{ connections: 2 }])
    const reason = 'cut off at the end of the grace period'
    const ended = daemon.lines.filter((line) => line.type === 'session-ended')
    expect(ended.map((line) => line['activity']).sort()).toEqual(['get /large', 'put /old'])
    expect(ended.map((line) => line['reason'])).toEqual([reason, reason])
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old content')
    expect(existsSync(join(root, '.jftp'))).toBe(false)
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second %s ends at once with %d; the next start sweeps up', async (signal, code) => {
    await using daemon = await DaemonProcess.start(root, args)
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/old' })).toMatchObject({ status: 'ready' })
    client.send(say.data(1, 'half'), say.ping(2))
    expect(await client.next()).toMatchObject({ type: 'PONG' })
    daemon.process.kill('SIGTERM')
    await daemon.logged(stopping)
    daemon.process.kill(signal)
    expect(await daemon.exited).toEqual({ code, signal: null })
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old content')
    expect(staged(root)).toHaveLength(1)
    await using next = await DaemonProcess.start(root, args)
    expect(staged(root)).toEqual([])
    await next.stop()
    expect(readdirSync(root).sort()).toEqual(['large', 'old'])
  })
})

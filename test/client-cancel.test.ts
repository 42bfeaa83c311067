import { randomBytes } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TransferOptions } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { client, connectForEachTest, ftpd } from './connected-client.js'

connectForEachTest()

const reason = new Error('changed my mind')
const visible = () => readdirSync(ftpd.root).filter((name) => name !== '.jftp')

/** Options of a transfer that is aborted once it has come this far. */
function abortedAt(bytes: number): TransferOptions & { controller: AbortController } {
  const controller = new AbortController()
  const onProgress = (progress: { bytes: number }) => {
    if (progress.bytes >= bytes) controller.abort(reason)
  }
  return { controller, signal: controller.signal, onProgress }
}

describe('a call that is cancelled', () => {
  test.each([1, 3_000_000, 19_000_000])(
    'as a put of which %i bytes were sent leaves nothing',
    async (bytes) => {
      writeFileSync(join(ftpd.local, 'in'), randomBytes(20_000_000))
      const options = abortedAt(bytes)
      const put = client.put(join(ftpd.local, 'in'), '/cut', options)
      await expect(put).rejects.toMatchObject({ code: 'cancelled', path: '/cut', cause: reason })
      await expect(client.stat('/cut')).rejects.toMatchObject({ code: 'not-found' })
      expect(visible()).toEqual([])
      expect(getEventListeners(options.controller.signal, 'abort')).toEqual([])
    },
  )

  test.each([1, 3_000_000, 19_000_000])(
    'as a get of which %i bytes came keeps the old file',
    async (bytes) => {
      writeFileSync(join(ftpd.root, 'file'), randomBytes(20_000_000))
      writeFileSync(join(ftpd.local, 'file'), 'old')
      const options = abortedAt(bytes)
      const get = client.get('/file', join(ftpd.local, 'file'), options)
      await expect(get).rejects.toMatchObject({ code: 'cancelled', cause: reason })
      expect(readFileSync(join(ftpd.local, 'file'), 'utf8')).toBe('old')
      expect((await client.stat('/file')).size).toBe(20_000_000)
      // What came is kept to be continued if it is a mebibyte or more.
      const isKept = (name: string) => name.startsWith('.jftp-kept-')
      const parts = () => readdirSync(ftpd.local).filter((name) => name.endsWith('.part'))
      await expect.poll(() => parts().filter((name) => !isKept(name))).toEqual([])
      expect(parts()).toHaveLength(bytes < 1024 * 1024 ? 0 : 1)
      expect(getEventListeners(options.controller.signal, 'abort')).toEqual([])
    },
  )

  test('while its source gives nothing lets the next upload pass', async () => {
    const silent = new Readable({ read() {} })
    const controller = new AbortController()
    const stuck = client.put(silent, '/stuck', { signal: controller.signal })
    const next = client.put(Buffer.from('next'), '/next')
    await client.ping()
    controller.abort(reason)
    await expect(stuck).rejects.toMatchObject({ code: 'cancelled' })
    expect((await next).status).toBe('sent')
    expect(silent.destroyed).toBe(true)
    expect(visible()).toEqual(['next'])
  })

  test('before it was begun is never sent', async () => {
    const signal = AbortSignal.abort(reason)
    await expect(client.put(Buffer.from('x'), '/x', { signal })).rejects.toMatchObject({ code: 'cancelled' })
    await expect(client.stat('/x')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('with thousands of others leaves only whole files and a connection that works', async () => {
    const controller = new AbortController()
    const content = Buffer.alloc(5000, 'y')
    const puts = Array.from({ length: 3000 }, (_, index) =>
      client.put(content, `/${index}`, {
        signal: controller.signal,
        onProgress: () => index === 200 && controller.abort(reason),
      }),
    )
    const outcomes = await Promise.allSettled(puts)
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } })
    expect((await client.put(content, '/after')).status).toBe('sent')
    for (const name of visible()) expect(readFileSync(join(ftpd.root, name)).length).toBe(5000)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})

test('what onProgress throws fails its own call only', async () => {
  writeFileSync(join(ftpd.local, 'in'), randomBytes(6_000_000))
  const onProgress = () => {
    throw reason
  }
  await expect(client.put(join(ftpd.local, 'in'), '/x', { onProgress })).rejects.toMatchObject({
    cause: reason,
  })
  await client.put(join(ftpd.local, 'in'), '/y')
  await expect(client.get('/y', join(ftpd.local, 'y'), { onProgress })).rejects.toMatchObject({
    cause: reason,
  })
  expect(visible()).toEqual(['y'])
})

test('a file that changes while it is put is not stored', async () => {
  const path = join(ftpd.local, 'growing')
  writeFileSync(path, randomBytes(20_000_000))
  const onProgress = () => writeFileSync(path, 'x', { flag: 'a' })
  await expect(client.put(path, '/growing', { onProgress })).rejects.toMatchObject({ code: 'changed' })
  expect(visible()).toEqual([])
})

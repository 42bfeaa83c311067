import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { connect, type FtpClient, type GetOptions, type PutOptions } from '@jftp/client'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  daemon,
  folder,
  local,
  proxy,
  restartDaemon,
  root,
  serveBehindProxy,
  served,
} from './proxied-daemon.js'
import { bytesOf } from './random.js'
import { staged } from './temp-folder.js'

const MiB = 1024 * 1024
const content = bytesOf(20 * MiB, 5)

serveBehindProxy()

const parts = () => readdirSync(folder.path).filter((name) => name.endsWith('.part'))

/** The name of what is kept of a get that was cut, as soon as it is. */
async function keptPart(): Promise<string> {
  const kept = () => parts().filter((name) => name.includes('-kept-'))
  await expect.poll(kept).toHaveLength(1)
  return kept()[0] ?? ''
}

/** One call over a connection that is cut at byte `at`; it is not cut if that is undefined. */
async function over<T>(
  towards: 'to the server' | 'to the client',
  at: number | undefined,
  call: (client: FtpClient) => Promise<T>,
): Promise<T> {
  proxy.fault = at === undefined ? undefined : { what: 'cut', towards, at }
  await using client = await connect(`jftp://127.0.0.1:${proxy.port}/`)
  return await call(client)
}

const put = (at?: number, options: PutOptions = { onExists: 'resume' }) =>
  over('to the server', at, (client) => client.put(local(), '/file', options))
const get = (at?: number, options: GetOptions = { onExists: 'resume' }) =>
  over('to the client', at, (client) => client.get('/file', local(), options))

describe('a put that was cut', () => {
  beforeEach(() => writeFileSync(local(), content))

  test.each(['md5', 'sha256', 'blake3', 'xxh128', 'none'] as const)(
    'goes on, checked with %s',
    async (digest) => {
      await expect(put(8 * MiB, { digest })).rejects.toMatchObject({ code: 'connection-lost' })
      const result = await put(undefined, { digest, onExists: 'resume' })
      expect(result).toMatchObject({ status: 'sent', bytes: content.length })
      expect(result.resumedFrom).toBeGreaterThan(MiB)
      expect(proxy.passed['to the server']).toBeLessThan(content.length - result.resumedFrom + 10_000)
      expect(readFileSync(served()).equals(content)).toBe(true)
    },
  )

  test('says in its progress what was there already', async () => {
    await expect(put(8 * MiB)).rejects.toThrow()
    const seen = new Set<number | undefined>()
    const { resumedFrom } = await put(undefined, {
      onExists: 'resume',
      onProgress: (progress) => seen.add(progress.resumedFrom),
    })
    expect([...seen]).toEqual([resumedFrom])
  })

  test('begins anew without `resume`, and what was kept is gone then', async () => {
    await expect(put(8 * MiB)).rejects.toThrow()
    expect((await put(undefined, {})).resumedFrom).toBe(0)
    // So that nothing is there to compare with.
    writeFileSync(served(), 'other')
    expect((await put()).resumedFrom).toBe(0)
  })

  test.each([
    ['has grown', () => appendFileSync(local(), 'more')],
    ['was touched', () => utimesSync(local(), 1, 1)],
  ])('begins anew if its source %s', async (_what, change) => {
    await expect(put(8 * MiB)).rejects.toThrow()
    change()
    expect((await put()).resumedFrom).toBe(0)
    expect(readFileSync(served()).equals(readFileSync(local()))).toBe(true)
  })

  test('begins anew if the kept bytes are not how the source begins', async () => {
    utimesSync(local(), 1, 1)
    await expect(put(8 * MiB)).rejects.toThrow()
    const other = Buffer.from(content)
    other[0] = (other[0] ?? 0) ^ 1
    writeFileSync(local(), other)
    utimesSync(local(), 1, 1)
    expect(await put()).toMatchObject({ status: 'sent', resumedFrom: 0 })
    expect(readFileSync(served()).equals(other)).toBe(true)
  })

  test('goes on if its client cancelled it', async () => {
    const controller = new AbortController()
    const onProgress = ({ bytes }: { bytes: number }) => {
      if (bytes > 8 * MiB) controller.abort()
    }
    await expect(put(undefined, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect((await put()).resumedFrom).toBeGreaterThan(MiB)
    expect(readFileSync(served()).equals(content)).toBe(true)
  })

  test('is forgotten by a server that keeps no partials', async () => {
    await restartDaemon('--keep-partials', '0')
    await expect(put(8 * MiB)).rejects.toThrow()
    expect((await put()).resumedFrom).toBe(0)
    await daemon.stop()
    expect(staged(root.path)).toEqual([])
    expect(existsSync(join(root.path, '.jftp', 'partials'))).toBe(false)
  })
})

describe('a get that was cut', () => {
  beforeEach(() => writeFileSync(served(), content))

  test.each(['md5', 'sha256', 'blake3', 'xxh128', 'none'] as const)(
    'goes on, checked with %s',
    async (digest) => {
      await expect(get(8 * MiB, { digest })).rejects.toMatchObject({ code: 'connection-lost' })
      const result = await get(undefined, { digest, onExists: 'resume' })
      expect(result).toMatchObject({ status: 'received', bytes: content.length })
      expect(result.resumedFrom).toBeGreaterThan(MiB)
      expect(proxy.passed['to the client']).toBeLessThan(content.length - result.resumedFrom + 10_000)
      expect(readFileSync(local()).equals(content)).toBe(true)
      expect(parts()).toEqual([])
    },
  )

  test('says in its progress what was there already', async () => {
    await expect(get(8 * MiB)).rejects.toThrow()
    const seen = new Set<number | undefined>()
    const { resumedFrom } = await get(undefined, {
      onExists: 'resume',
      onProgress: (progress) => seen.add(progress.resumedFrom),
    })
    expect([...seen]).toEqual([resumedFrom])
  })

  test('begins anew without `resume`, and what was kept is gone then', async () => {
    await expect(get(8 * MiB)).rejects.toThrow()
    await keptPart()
    expect((await get(undefined, {})).resumedFrom).toBe(0)
    expect(parts()).toEqual([])
  })

  test.each([
    ['has grown', () => appendFileSync(served(), 'more')],
    ['was touched', () => utimesSync(served(), 1, 1)],
  ])('begins anew if the remote file %s', async (_what, change) => {
    await expect(get(8 * MiB)).rejects.toThrow()
    change()
    expect((await get()).resumedFrom).toBe(0)
    expect(readFileSync(local()).equals(readFileSync(served()))).toBe(true)
    expect(parts()).toEqual([])
  })

  test('begins anew if the kept bytes were damaged', async () => {
    await expect(get(8 * MiB)).rejects.toThrow()
    const part = await keptPart()
    const bytes = readFileSync(local(part))
    bytes[7] = (bytes[7] ?? 0) ^ 1
    writeFileSync(local(part), bytes)
    expect((await get()).resumedFrom).toBe(0)
    expect(readFileSync(local()).equals(content)).toBe(true)
    expect(parts()).toEqual([])
  })

  test('stays for the next time if it can’t go on now', async () => {
    await expect(get(8 * MiB)).rejects.toThrow()
    await expect(get(300)).rejects.toThrow()
    await keptPart()
    expect((await get()).resumedFrom).toBeGreaterThan(MiB)
  })

  test.each([2, 20])(
    'of %i MiB fails as any other if its folder is gone, and so does what is behind it',
    async (size) => {
      writeFileSync(served(), content.subarray(0, size * MiB))
      mkdirSync(local('gone'))
      proxy.fault = { what: 'stall', towards: 'to the client', at: 1.8 * MiB }
      await using client = await connect(`jftp://127.0.0.1:${proxy.port}/`)
      const getting = client.get('/file', local('gone/file'))
      const behind = client.stat('/file')
      const settled = Promise.allSettled([getting, behind])
      const sizes = () => readdirSync(local('gone')).map((name) => statSync(local(`gone/${name}`)).size)
      await expect.poll(() => Math.max(0, ...sizes())).toBeGreaterThan(MiB)
      rmSync(local('gone'), { recursive: true })
      proxy.cutAll()
      const lost = { status: 'rejected', reason: { code: 'connection-lost' } }
      expect(await settled).toMatchObject([lost, lost])
    },
  )

  test('fails as any other if what was kept of it is gone when it goes on', async () => {
    await expect(get(8 * MiB)).rejects.toThrow()
    await keptPart()
    await over('to the client', 300, async (client) => {
      const getting = client.get('/file', local(), { onExists: 'resume' })
      getting.catch(() => {})
      await expect.poll(() => parts().some((name) => !name.includes('-kept-'))).toBe(true)
      for (const name of parts()) rmSync(local(name), { force: true })
      await expect(getting).rejects.toMatchObject({ code: 'connection-lost' })
    })
  })

  test('is not continued from another file or for another target', async () => {
    writeFileSync(served('other'), content)
    await expect(get(8 * MiB)).rejects.toThrow()
    await over('to the client', undefined, async (client) => {
      expect((await client.get('/file', local('elsewhere'), { onExists: 'resume' })).resumedFrom).toBe(0)
      expect((await client.get('/other', local(), { onExists: 'resume' })).resumedFrom).toBe(0)
    })
  })
})

describe('with `resume`', () => {
  test.each([10, 300_000, 2 * MiB])(
    'a file of %i bytes that is equal is unchanged, both ways',
    async (size) => {
      writeFileSync(local(), content.subarray(0, size))
      expect((await put()).status).toBe('sent')
      expect(await put()).toMatchObject({ status: 'unchanged', bytes: 0, resumedFrom: 0 })
      expect(await get()).toMatchObject({ status: 'unchanged', bytes: 0, resumedFrom: 0 })
      if (size > 256 * 1024) expect(proxy.passed['to the client']).toBeLessThan(10_000)
      expect(parts()).toEqual([])
    },
  )

  test.each([10, 300_000])('another file of %i bytes is replaced, both ways', async (size) => {
    writeFileSync(served(), Buffer.alloc(size, 'a'))
    writeFileSync(local(), Buffer.alloc(size, 'b'))
    expect(await put()).toMatchObject({ status: 'sent', bytes: size })
    writeFileSync(served(), Buffer.alloc(size, 'c'))
    expect(await get()).toMatchObject({ status: 'received', bytes: size })
    expect(readFileSync(local())).toEqual(Buffer.alloc(size, 'c'))
  })

  test('a local file that is the beginning of the remote one is completed', async () => {
    writeFileSync(served(), content)
    writeFileSync(local(), content)
    truncateSync(local(), 15 * MiB)
    expect(await get()).toMatchObject({ status: 'received', resumedFrom: 15 * MiB })
    expect(readFileSync(local()).equals(content)).toBe(true)
    expect(parts()).toEqual([])
  })

  test('a local file that is longer than the remote one is replaced', async () => {
    writeFileSync(served(), content.subarray(0, 5000))
    writeFileSync(local(), content)
    expect(await get()).toMatchObject({ status: 'received', resumedFrom: 0, bytes: 5000 })
  })
})

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@jftp/client'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { daemon, folder, local, proxy, root, serveBehindProxy } from './proxied-daemon.js'
import { bytesOf } from './random.js'

const MiB = 1024 * 1024
const content = bytesOf(30 * MiB + 7, 11)

serveBehindProxy()
beforeEach(() => {
  writeFileSync(join(root.path, 'file'), content, { mode: 0o640 })
})

const names = () => readdirSync(folder.path)
const client = () => connect(`jftp://127.0.0.1:${proxy.port}/`, { retry: { retries: 9, delay: 1 } })

describe('a get in segments', () => {
  test.each(['md5', 'blake3', 'none'] as const)(
    'comes whole over several connections, with %s',
    async (digest) => {
      await using c = await client()
      const seen: number[] = []
      const onProgress = ({ bytes }: { bytes: number }) => seen.push(bytes)
      const result = await c.get('/file', local(), { segments: 4, digest, onProgress })
      expect(result).toMatchObject({ status: 'received', bytes: content.length, resumedFrom: 0 })
      const whole = await c.get('/file', local('whole'), { digest })
      expect(result.digest).toEqual(whole.digest)
      expect(readFileSync(local()).equals(content)).toBe(true)
      expect(statSync(local()).mode & 0o777).toBe(statSync(local('whole')).mode & 0o777)
      expect(Math.max(...seen)).toBe(content.length)
      expect(names().sort()).toEqual(['file', 'whole'])
      const users = daemon.lines.filter((line) => line.type === 'transfer' && Number(line['bytes']) > 0)
      expect(new Set(users.map((line) => line['session'])).size).toBeGreaterThan(1)
    },
  )

  test('goes on if its connections are cut again and again', async () => {
    proxy.fault = { what: 'cut', towards: 'to the client', at: 7 * MiB }
    await using c = await client()
    await c.get('/file', local(), { segments: 3 })
    expect(proxy.struck).toBeGreaterThan(0)
    expect(readFileSync(local()).equals(content)).toBe(true)
  })

  test('finds a byte that changed on the way, and fetches that segment again', async () => {
    proxy.fault = { what: 'corrupt', towards: 'to the client', at: 3 * MiB }
    await using c = await client()
    await c.get('/file', local(), { segments: 2 })
    expect(proxy.struck).toBeGreaterThan(0)
    expect(readFileSync(local()).equals(content)).toBe(true)
  })

  test('that fails leaves the old file, and what came from the beginning on is continued later', async () => {
    writeFileSync(local(), 'old')
    await using c = await client()
    const controller = new AbortController()
    const onProgress = ({ bytes }: { bytes: number }) => {
      if (bytes > 20 * MiB) controller.abort()
    }
    const get = c.get('/file', local(), { segments: 2, signal: controller.signal, onProgress })
    await expect(get).rejects.toMatchObject({ code: 'cancelled' })
    expect(readFileSync(local(), 'utf8')).toBe('old')
    const result = await c.get('/file', local(), { onExists: 'resume' })
    expect(result.resumedFrom).toBeGreaterThan(0)
    expect(result.resumedFrom % MiB).toBe(0)
    expect(readFileSync(local()).equals(content)).toBe(true)
    expect(names()).toEqual(['file'])
  })

  test('that is cancelled when its last byte has come fails as cancelled, and not as a defect', async () => {
    await using c = await client()
    const controller = new AbortController()
    const onProgress = ({ bytes, total }: { bytes: number; total?: number | undefined }) => {
      // When this runs, the last call has its END and its caller does not know yet.
      if (bytes === total) queueMicrotask(() => controller.abort())
    }
    const get = c.get('/file', local(), { segments: 2, signal: controller.signal, onProgress })
    await expect(get).rejects.toMatchObject({ code: 'cancelled' })
    await c.get('/file', local(), { onExists: 'resume' })
    expect(readFileSync(local()).equals(content)).toBe(true)
    expect(names()).toEqual(['file'])
  })

  test('of a small file is an ordinary one, and a missing file is told', async () => {
    writeFileSync(join(root.path, 'small'), 'small')
    await using c = await client()
    expect(await c.get('/small', local(), { segments: 4 })).toMatchObject({ bytes: 5, status: 'received' })
    await expect(c.get('/none', local(), { segments: 4 })).rejects.toMatchObject({ code: 'not-found' })
    expect(await c.get('/file', local(), { segments: 4, onExists: 'skip' })).toMatchObject({
      status: 'skipped',
    })
    await expect(c.get('/file', local(), { segments: 4, onExists: 'fail' })).rejects.toMatchObject({
      code: 'local-exists',
    })
    expect(names()).toEqual(['file'])
  })
})

describe('ftp', () => {
  const url = () => `${daemon.url}/file`

  test('get --segments fetches a file, and says what cannot be', async () => {
    expect((await ftp(['get', '--segments', '4', url(), '-o', local()])).exitCode).toBe(0)
    expect(readFileSync(local()).equals(content)).toBe(true)
    for (const args of [
      ['get', '--segments', '0', url(), '-o', local()],
      ['get', '--segments', '17', url(), '-o', local()],
      ['get', '--segments', '2', '-c', url(), '-o', local()],
      ['put', '--segments', '2', local(), url()],
    ]) {
      expect(await ftp(args), args.join(' ')).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('--segments'),
      })
    }
  })
})

import { readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { connect, type Retry, type RetryOptions } from '@jftp/client'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { daemon, local, proxy, restartDaemon, serveBehindProxy, served } from './proxied-daemon.js'
import { bytesOf } from './random.js'

const MiB = 1024 * 1024
const content = bytesOf(20 * MiB, 6)

let told: Retry[]

serveBehindProxy()
beforeEach(() => {
  told = []
})

const client = (retry: RetryOptions = {}) =>
  connect(`jftp://127.0.0.1:${proxy.port}/`, {
    retry: { retries: 9, delay: 1, onRetry: (next) => told.push(next), ...retry },
  })

describe('a connection that is cut again and again', () => {
  test('a put gets through: each attempt goes on where the one before was cut', async () => {
    writeFileSync(local(), content)
    proxy.fault = { what: 'cut', towards: 'to the server', at: 8 * MiB }
    await using c = await client()
    const result = await c.put(local(), '/file')
    expect(result).toMatchObject({ status: 'sent', bytes: content.length })
    expect(result.resumedFrom).toBeGreaterThan(8 * MiB)
    expect(readFileSync(served()).equals(content)).toBe(true)
    expect(told.length).toBeGreaterThanOrEqual(2)
    expect(told[0]).toMatchObject({ attempt: 1, retries: 9, error: { code: 'connection-lost' } })
  })

  test('a get gets through', async () => {
    writeFileSync(served(), content)
    proxy.fault = { what: 'cut', towards: 'to the client', at: 8 * MiB }
    await using c = await client()
    expect((await c.get('/file', local())).resumedFrom).toBeGreaterThan(8 * MiB)
    expect(readFileSync(local()).equals(content)).toBe(true)
  })

  test('many transfers that share it wait for one new connection', async () => {
    proxy.fault = { what: 'cut', towards: 'to the server', at: 5000 }
    const c = await client()
    const puts = Array.from({ length: 50 }, (_, n) => c.put(Buffer.from(`content ${n}`), `/${n}`))
    // From now on nothing is cut.
    proxy.fault = undefined
    await Promise.all(puts)
    expect(told).toHaveLength(1)
    for (let n = 0; n < 50; n++) expect(readFileSync(served(`${n}`), 'utf8')).toBe(`content ${n}`)
    await c.close()
    expect(await c.closed).toBeUndefined()
  })

  test('it is given up after so many retries', async () => {
    writeFileSync(local(), content)
    proxy.fault = { what: 'cut', towards: 'to the server', at: 500 }
    await using c = await client({ retries: 2 })
    await expect(c.put(local(), '/file')).rejects.toMatchObject({ code: 'connection-lost' })
    expect(told.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test('a stream is not read again', async () => {
    proxy.fault = { what: 'cut', towards: 'to the server', at: 5000 }
    await using c = await client()
    const put = c.put(Readable.from([content]), '/file')
    await expect(put).rejects.toMatchObject({ code: 'connection-lost' })
    expect(told).toEqual([])
  })
})

test('a byte that changes on the way costs one more attempt, from the beginning', async () => {
  writeFileSync(local(), content)
  proxy.fault = { what: 'corrupt', towards: 'to the server', at: 8 * MiB }
  await using c = await client()
  const put = c.put(local(), '/file', {
    onProgress: () => {
      proxy.fault = undefined
    },
  })
  // The same connection would corrupt nothing more: the fault is one byte.
  expect(await put).toMatchObject({ status: 'sent', resumedFrom: 0 })
  expect(told.map(({ error }) => error.code)).toEqual(['digest-mismatch'])
  expect(readFileSync(served()).equals(content)).toBe(true)
})

test('a server that is killed and comes back is waited for', async () => {
  writeFileSync(local(), content)
  await using c = await connect(daemon.url, { retry: { retries: 50, delay: 30 } })
  let isKilled = false
  const put = c.put(local(), '/file', {
    onProgress: ({ bytes }) => {
      if (isKilled || bytes < 10 * MiB) return
      isKilled = true
      daemon.process.kill('SIGKILL')
    },
  })
  await daemon.exited
  await restartDaemon()
  expect((await put).bytes).toBe(content.length)
  expect(readFileSync(served()).equals(content)).toBe(true)
})

test('what will not pass is not tried again', async () => {
  await using c = await client()
  await expect(c.get('/none', local())).rejects.toMatchObject({ code: 'not-found' })
  const signal = AbortSignal.abort()
  await expect(c.put(Buffer.from('x'), '/x', { signal })).rejects.toMatchObject({ code: 'cancelled' })
  expect(told).toEqual([])
})

test('a wait ends with its signal and with close', async () => {
  const controller = new AbortController()
  proxy.fault = { what: 'cut', towards: 'to the server', at: 500 }
  const onRetry = () => controller.abort()
  const c = await client({ delay: 1_000_000, onRetry })
  const [one, other] = [c.put(content, '/a', { signal: controller.signal }), c.put(content, '/b')]
  await expect(one).rejects.toMatchObject({ code: 'cancelled' })
  await c.close()
  await expect(other).rejects.toMatchObject({ code: 'closed' })
})

describe('a server that was never reached', () => {
  test('is waited for with `always`, and not with `once-connected`', async () => {
    await daemon.stop('SIGKILL')
    const onRetry = (retry: Retry) => told.push(retry)
    const retry = { retries: 2, delay: 1, onRetry } as const
    const failing = { code: 'connection-refused' }
    await expect(connect(daemon.url, { retry: { ...retry, when: 'once-connected' } })).rejects.toMatchObject(
      failing,
    )
    expect(told).toEqual([])
    await expect(connect(daemon.url, { retry })).rejects.toMatchObject(failing)
    expect(told).toHaveLength(2)
  })
})

describe('ftp', () => {
  const url = () => `jftp://127.0.0.1:${proxy.port}/file`

  test('goes on by itself, and says on stderr why and when', async () => {
    writeFileSync(local(), content)
    proxy.fault = { what: 'cut', towards: 'to the server', at: 8 * MiB }
    const flags = ['--retries', '9', '--retry-delay', '1ms']
    const put = await ftp(['put', local(), url(), ...flags])
    expect(put.stderr).toMatch(/connection .* was lost .*; trying again in \d+ ms \(1 of 9\)\n/)
    expect(put.exitCode).toBe(0)
    proxy.fault = { what: 'cut', towards: 'to the client', at: 8 * MiB }
    const get = await ftp(['get', url(), '-o', local('back'), ...flags, '--json'])
    expect(get.exitCode).toBe(0)
    expect(get.events).toContainEqual(expect.objectContaining({ event: 'transfer', status: 'resumed' }))
    expect(get.events.at(-1)).toMatchObject({ event: 'result', received: 1, sent: 0 })
    expect(readFileSync(local('back')).equals(content)).toBe(true)
  })

  test('-c, reget and reput continue what an earlier command left', async () => {
    writeFileSync(local(), content)
    for (const [command, name] of [
      ['put', 'reput'],
      ['get', 'reget'],
    ] as const) {
      const towards = command === 'put' ? 'to the server' : 'to the client'
      proxy.fault = { what: 'cut', towards, at: 8 * MiB }
      const args = command === 'put' ? [local(), url()] : [url(), '-o', local('back')]
      expect((await ftp([command, ...args, '--retries', '0'])).exitCode).toBe(3)
      proxy.fault = undefined
      expect((await ftp([name, ...args, '--json'])).events).toContainEqual(
        expect.objectContaining({ event: 'transfer', status: 'resumed' }),
      )
      const again = await ftp([command, '-c', ...args])
      expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('unchanged') })
    }
    expect(readFileSync(local('back')).equals(content)).toBe(true)
  })

  test('-c can’t continue a pipe, and can’t be combined with another --on-exists', async () => {
    expect((await ftp(['get', '-c', url(), '-'])).exitCode).toBe(2)
    expect((await ftp(['put', '-c', '-', url()])).exitCode).toBe(2)
    expect((await ftp(['get', '-c', url(), '--on-exists', 'fail'])).exitCode).toBe(2)
    expect((await ftp(['get', url(), '--retries', '-1'])).exitCode).toBe(2)
  })

  test('--max-time ends a command that takes longer, with exit code 124', async () => {
    writeFileSync(local(), content)
    proxy.fault = { what: 'stall', towards: 'to the server', at: 8 * MiB }
    const put = await ftp(['put', local(), url(), '--max-time', '1'])
    expect(put).toMatchObject({ exitCode: 124, stderr: expect.stringContaining('-c goes on with it') })
    proxy.fault = { what: 'stall', towards: 'to the server', at: 0 }
    const list = await ftp(['ls', url(), '--max-time', '1'])
    expect(list).toMatchObject({ exitCode: 124, stderr: expect.stringContaining('--max-time') })
    expect(list.stderr).not.toContain('-c')
    proxy.fault = undefined
    expect((await ftp(['put', '-c', local(), url(), '--max-time', '60'])).exitCode).toBe(0)
  })
})

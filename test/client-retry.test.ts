import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { connect, type Retry, type RetryOptions } from '@jftp/client'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp, startFtp } from './ftp-process.js'
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

/** A listing of them is some 300 KB long. */
const NAMES = 3000
const CUT = { what: 'cut', towards: 'to the client', at: 100_000 } as const

const nameOf = (n: number) => `a name of some length ${String(n).padStart(5, '0')}`
const names = Array.from({ length: NAMES }, (_, n) => nameOf(n))

describe('a listing that is cut in the middle', () => {
  const once: RetryOptions['onRetry'] = (next) => {
    told.push(next)
    proxy.fault = undefined
  }

  beforeEach(() => {
    mkdirSync(served('tree'))
    for (const name of names) writeFileSync(join(served('tree'), name), '')
    proxy.fault = CUT
  })

  test.each(['list', 'find'] as const)('%s goes on with what it has not told yet', async (call) => {
    await using c = await client({ onRetry: once })
    const found: string[] = []
    for await (const entry of c[call]('/tree')) found.push(entry.path.slice('/tree/'.length))
    expect(told.map(({ error }) => error.code)).toEqual(['connection-lost'])
    expect(found.sort()).toEqual(names)
  })

  test('du tells each folder once', async () => {
    for (const name of names) mkdirSync(served(`${name} folder`))
    await using c = await client({ onRetry: once })
    const paths: string[] = []
    for await (const folder of c.du('/')) paths.push(folder.path)
    expect(told).toHaveLength(1)
    expect(paths.sort()).toEqual(['/', ...names.map((name) => `/${name} folder`), '/tree'])
  })

  test('a tree is fetched whole', async () => {
    await using c = await client({ onRetry: once })
    const result = await c.getTrees([{ remote: '/tree', local: local('tree') }])
    expect(told.length).toBeGreaterThan(0)
    expect(result).toMatchObject({ received: NAMES, failed: 0 })
    expect(readdirSync(local('tree')).sort()).toEqual(names)
  })

  test.each(['up', 'down'] as const)('a sync %s compares all of both trees', async (direction) => {
    mkdirSync(local('tree'))
    for (const file of names.flatMap((name) => [join(served('tree'), name), join(local('tree'), name)])) {
      writeFileSync(file, '')
      utimesSync(file, 1_000_000, 1_000_000)
    }
    const extra = join(direction === 'up' ? served('tree') : local('tree'), 'z extra')
    writeFileSync(extra, '')
    await using c = await client({ onRetry: once })
    const roots = { local: local('tree'), remote: '/tree', direction }
    const result = await c.sync(roots, { delete: 'extra' })
    expect(told).toHaveLength(1)
    expect(result).toMatchObject({ transferred: 0, unchanged: NAMES, deleted: 1, failed: 0 })
  })

  test('it is given up after so many retries', async () => {
    await using c = await client({ retries: 2 })
    await expect(readAll(c.list('/tree'))).rejects.toMatchObject({ code: 'connection-lost' })
    expect(told.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test('it fails if names that were told are gone, because nobody could say which ones are new', async () => {
    const found: string[] = []
    const c = await client({
      onRetry: (next) => {
        once(next)
        unlinkSync(join(served('tree'), found[0] as string))
      },
    })
    const list = async () => {
      for await (const { name } of c.list('/tree')) found.push(name)
    }
    await expect(list()).rejects.toMatchObject({ code: 'changed', path: '/tree' })
    expect(told).toHaveLength(1)
    await c.close()
  })

  test('nobody waits for it when its reader has left and the client is closed', async () => {
    const c = await client({ onRetry: once })
    const listing = c.list('/tree')[Symbol.asyncIterator]()
    await listing.next()
    await c.close()
    expect(await c.closed).toBeUndefined()
  })

  test.each([
    ['ls', '-1'],
    ['find', '--type', 'f'],
  ])('ftp %s goes on, and says why and when', async (...command) => {
    const url = `jftp://127.0.0.1:${proxy.port}/tree`
    const { end } = startFtp([...command, url, '--retry-delay', '1s'])
    await expect.poll(() => proxy.struck, { timeout: 60_000 }).toBe(1)
    proxy.fault = undefined
    const { exitCode, stdout, stderr } = await end
    expect(stderr).toMatch(/^the connection .* was lost .*; trying again in .* \(1 of 3\)\n$/)
    const printed = stdout.trimEnd().split('\n')
    expect(printed.map((path) => path.replace('/tree/', '')).sort()).toEqual(names)
    expect(exitCode).toBe(0)
  })

  test.each([
    ['for itself', (url: string) => ['ls', '-q', '-1', url]],
    ['in a batch', (url: string) => ['-q', '-c', 'ls -1', url]],
  ])('ftp -q does not tell of it: %s', async (_what, line) => {
    const { end } = startFtp([...line(`jftp://127.0.0.1:${proxy.port}/tree`), '--retry-delay', '1s'])
    await expect.poll(() => proxy.struck, { timeout: 60_000 }).toBe(1)
    proxy.fault = undefined
    const { exitCode, stdout, stderr } = await end
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n')).toHaveLength(NAMES)
  })

  test('ftp get -r goes on with its files and says no more than that', async () => {
    const url = `jftp://127.0.0.1:${proxy.port}/tree`
    const { end } = startFtp([
      'get',
      '-r',
      url,
      '-O',
      local('.'),
      '--retry-delay',
      '1s',
      '--progress',
      'none',
    ])
    await expect.poll(() => proxy.struck, { timeout: 60_000 }).toBeGreaterThan(0)
    proxy.fault = undefined
    const { exitCode, stderr } = await end
    expect(stderr.replaceAll(/^.*; trying again in .*\n/gm, '')).toMatch(/^3000 files: 3000 received .*\n$/)
    expect(exitCode).toBe(0)
    expect(readdirSync(local('tree')).sort()).toEqual(names)
  })

  test('--max-time ends the wait', async () => {
    const url = `jftp://127.0.0.1:${proxy.port}/tree`
    const find = await ftp(['find', url, '--max-time', '2', '--retry-delay', '1h'])
    expect(find).toMatchObject({ exitCode: 124, stderr: expect.stringContaining('trying again in') })
  })
})

test('requests that may be made twice are made again over a new connection', async () => {
  await using c = await client()
  const requests = [
    () => c.stat('/'),
    () => c.checkFolder('/'),
    () => c.df('/'),
    () => c.mkdir('/a/b', { parents: true }),
    () => c.touch('/a/b/file'),
    () => c.chmod('/a/b/file', 0o600),
  ]
  for (const [index, request] of requests.entries()) {
    proxy.cutAll()
    await request()
    expect(told).toHaveLength(index + 1)
  }
  proxy.cutAll()
  await expect(c.rm('/a/b/file')).rejects.toMatchObject({ code: 'connection-lost' })
  expect(existsSync(served('a/b/file'))).toBe(true)
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

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _item of items) {
    // Only its end is of interest.
  }
}

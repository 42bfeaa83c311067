import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { connect, RateLimit } from '@jftp/client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Ftpd } from './client-ftpd.js'
import { ftp, startFtp } from './ftp-process.js'

let ftpd: Ftpd
const content = randomBytes(600_000)

beforeAll(async () => {
  ftpd = await Ftpd.start()
  writeFileSync(join(ftpd.root, 'file'), content)
  writeFileSync(join(ftpd.local, 'file'), content)
  writeFileSync(join(ftpd.root, 'huge'), '')
  truncateSync(join(ftpd.root, 'huge'), 2 ** 30)
  writeFileSync(join(ftpd.local, 'huge'), '')
  truncateSync(join(ftpd.local, 'huge'), 2 ** 30)
})

afterAll(() => ftpd[Symbol.asyncDispose]())

/** 600,000 bytes take 600 ms, less what may pass at once. This is the limit itself: no machine is too slow for it. */
const RATE = 1_000_000
const LEAST_MS = 350

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function limited(limitRate: number | RateLimit) {
  const client = await connect(ftpd.url, { limitRate })
  onTestFinished(() => client.close())
  return client
}

describe('a connection with a rate limit', () => {
  test('sends a file no faster', async () => {
    const client = await limited(RATE)
    const ms = await elapsed(() => client.put(join(ftpd.local, 'file'), '/put'))
    expect(ms).toBeGreaterThan(LEAST_MS)
    expect(readFileSync(join(ftpd.root, 'put'))).toEqual(content)
  })

  test('receives a file no faster', async () => {
    const client = await limited(RATE)
    const ms = await elapsed(() => client.get('/file', join(ftpd.local, 'got')))
    expect(ms).toBeGreaterThan(LEAST_MS)
    expect(readFileSync(join(ftpd.local, 'got'))).toEqual(content)
  })

  test('sends a stream no faster', async () => {
    const client = await limited(RATE)
    const pieces = Readable.from(
      Array.from({ length: 6 }, (_, index) => content.subarray(index * 1e5, (index + 1) * 1e5)),
    )
    expect(await elapsed(() => client.put(pieces, '/streamed'))).toBeGreaterThan(LEAST_MS)
    expect(readFileSync(join(ftpd.root, 'streamed'))).toEqual(content)
  })

  test('moves many small files no faster, in either direction', async () => {
    const client = await limited(RATE)
    const names = Array.from({ length: 100 }, (_, index) => `/small-${index}`)
    const files = names.map((_, index) => content.subarray(index * 6000, (index + 1) * 6000))
    const puts = () => Promise.all(names.map((name, index) => client.put(files[index] as Buffer, name)))
    expect(await elapsed(puts)).toBeGreaterThan(LEAST_MS)
    const gets = () => Promise.all(names.map((name) => client.get(name, join(ftpd.local, name))))
    expect(await elapsed(gets)).toBeGreaterThan(LEAST_MS)
    expect(names.map((name) => readFileSync(join(ftpd.local, name)))).toEqual(files)
  })

  test('shares it with other connections and between the two directions', async () => {
    const limit = new RateLimit(RATE)
    const [one, two] = await Promise.all([limited(limit), limited(limit)])
    const ms = await elapsed(() =>
      Promise.all([
        one.put(content, '/one'),
        two.put(content, '/two'),
        two.get('/file', join(ftpd.local, 'both')),
      ]),
    )
    expect(ms).toBeGreaterThan(3 * LEAST_MS)
  })

  test('shares it with the other connections of a tree', async () => {
    const folder = join(ftpd.local, 'tree')
    mkdirSync(folder)
    for (let index = 0; index < 8; index++)
      writeFileSync(join(folder, `${index}`), content.subarray(0, 150_000))
    const client = await limited(RATE)
    const trees = [{ local: folder, remote: '/tree' }]
    expect(await elapsed(() => client.putTrees(trees, { connections: 4 }))).toBeGreaterThan(2 * LEAST_MS)
    mkdirSync(join(ftpd.local, 'back'))
    const target = ['--url', ftpd.url, '--limit-rate', '1M', '-j', '4']
    const ms = await elapsed(async () => {
      expect((await ftp(['get', '-r', '/tree', '-O', join(ftpd.local, 'back'), ...target])).exitCode).toBe(0)
    })
    expect(ms).toBeGreaterThan(2 * LEAST_MS)
  })

  test('may be sped up while it moves a file', async () => {
    const client = await limited(1000)
    const put = client.put(join(ftpd.local, 'file'), '/sped-up')
    const get = client.get('/file', join(ftpd.local, 'sped-up'))
    await client.ready
    client.limitRate = undefined
    expect((await put).bytes).toBe(600_000)
    expect((await get).bytes).toBe(600_000)
  })

  test.each(['put', 'get'] as const)('is usable soon after a %s was cancelled', async (direction) => {
    // A whole piece of 512 KiB would take minutes at this rate.
    const client = await limited(4000)
    const controller = new AbortController()
    const options = { signal: controller.signal, onProgress: () => controller.abort() }
    const local = join(ftpd.local, direction === 'put' ? 'huge' : 'huge-copy')
    const transfer =
      direction === 'put' ? client.put(local, '/cut', options) : client.get('/file', local, options)
    await expect(transfer).rejects.toMatchObject({ code: 'cancelled' })
    if (direction === 'put') expect((await client.stat('/file')).size).toBe(600_000)
  })

  test.each(['put', 'get'] as const)(
    'does not take its own slowness in a %s for a stall',
    async (direction) => {
      await using client = await connect(ftpd.url, { limitRate: 2000, timeout: 300 })
      const local = join(ftpd.local, `slow-${direction}`)
      writeFileSync(join(ftpd.root, 'slow'), content.subarray(0, 4000))
      const { bytes } =
        direction === 'put'
          ? await client.put(content.subarray(0, 4000), '/slow-copy')
          : await client.get('/slow', local)
      expect(bytes).toBe(4000)
    },
  )

  test.each([0, 999, Number.NaN, '5M', {}])('is not made with %j', async (limitRate) => {
    const options = { limitRate: limitRate as number }
    await expect(connect(ftpd.url, options)).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('ftp --limit-rate', () => {
  const fetch = () => [
    'get',
    `${ftpd.url}/file`,
    '-o',
    join(ftpd.local, 'fetched'),
    '--on-exists',
    'overwrite',
  ]

  test('holds for a get, a put and pipes', async () => {
    for (const args of [
      fetch(),
      ['put', join(ftpd.local, 'file'), `${ftpd.url}/from-cli`],
      ['get', `${ftpd.url}/file`, '-'],
    ]) {
      const ms = await elapsed(async () => {
        expect((await ftp([...args, '--limit-rate', '1M'])).exitCode).toBe(0)
      })
      expect(ms).toBeGreaterThan(LEAST_MS)
    }
    const ms = await elapsed(() =>
      ftp(['put', '-', `${ftpd.url}/piped`, '--limit-rate', '1MB/s'], { input: content }),
    )
    expect(ms).toBeGreaterThan(LEAST_MS)
    expect(readFileSync(join(ftpd.root, 'piped'))).toEqual(content)
  })

  test('may come from the environment, and a flag wins', async () => {
    const env = { FTP_LIMIT_RATE: '1M' }
    expect(await elapsed(() => ftp(fetch(), { env }))).toBeGreaterThan(LEAST_MS)
    // At 1 kB/s this would take ten minutes.
    const { exitCode } = await ftp([...fetch(), '--limit-rate', 'none'], { env: { FTP_LIMIT_RATE: '1k' } })
    expect(exitCode).toBe(0)
  })

  test('holds for one line of a batch only, on the same connection', async () => {
    // At 1 kB/s, the rate of all other lines, either file would take ten minutes.
    const lines = ['--limit-rate none -o a', '--limit-rate 1M -o b'].map((flags) => `get file ${flags}`)
    const ms = await elapsed(async () => {
      const args = ['--limit-rate', '1k', '--url', ftpd.url, '-c', `ls; ${lines.join('; ')}; ls`]
      expect(await ftp(args, { cwd: ftpd.local })).toMatchObject({ exitCode: 0 })
    })
    expect(ms).toBeGreaterThan(LEAST_MS)
  })

  test.each(['fast', '10', '-5k', '10x', ''])('refuses %j', async (rate) => {
    const { exitCode, stderr } = await ftp([...fetch(), `--limit-rate=${rate}`])
    expect(stderr).toMatch(
      /--limit-rate is bytes per second, at least 1k, such as 500k, 10M or 1\.5MiB, or none/,
    )
    expect(exitCode).toBe(2)
  })

  test('ends at once with 130 for Ctrl-C', async () => {
    const args = ['put', join(ftpd.local, 'huge'), `${ftpd.url}/stopped`, '--limit-rate', '1k', '--json']
    const { child, end } = startFtp(args)
    onTestFinished(() => void child.kill('SIGKILL'))
    for (let seen = ''; !seen.includes('"progress"'); ) {
      const [chunk] = (await once(child.stdout as Readable, 'data')) as [Buffer]
      seen += chunk.toString()
    }
    child.kill('SIGINT')
    expect((await end).exitCode).toBe(130)
  })
})

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type FtpClient } from '@jftp/client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DaemonProcess, SERVER_ARGS } from './daemon.js'
import { tempFolder } from './temp-folder.js'

const content = randomBytes(600_000)
/** For all sessions together: 600,000 bytes take 600 ms, less what may pass at once. No machine is too slow for that. */
const RATE = '1M'
const LEAST_MS = 350

async function serve(
  args: readonly string[],
): Promise<{ daemon: DaemonProcess; root: string; local: string }> {
  const folder = tempFolder('in memory')
  const [root, local] = [join(folder.path, 'root'), join(folder.path, 'local')]
  mkdirSync(root)
  mkdirSync(local)
  writeFileSync(join(root, 'file'), content)
  const daemon = await DaemonProcess.start(root, args)
  onTestFinished(async () => {
    await daemon[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  return { daemon, root, local }
}

async function login(daemon: DaemonProcess, timeout?: number): Promise<FtpClient> {
  const client = await connect(daemon.url, { timeout })
  onTestFinished(() => client.close())
  return client
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

describe('with a rate for all', () => {
  test('a session is held to it both ways', async () => {
    const { daemon, root, local } = await serve([...SERVER_ARGS, '--limit-rate', RATE])
    const client = await login(daemon)
    expect(await elapsed(() => client.put(content, '/put'))).toBeGreaterThan(LEAST_MS)
    expect(readFileSync(join(root, 'put'))).toEqual(content)
    expect(await elapsed(() => client.get('/file', join(local, 'got')))).toBeGreaterThan(LEAST_MS)
    expect(readFileSync(join(local, 'got'))).toEqual(content)
  })

  test('sessions share it, in whichever thread they are', async () => {
    const { daemon, local } = await serve([...SERVER_ARGS, '--limit-rate', RATE])
    const clients = await Promise.all(Array.from({ length: 4 }, () => login(daemon)))
    const ms = await elapsed(() =>
      Promise.all(
        clients.map((client, index) =>
          index % 2 === 0 ? client.put(content, `/${index}`) : client.get('/file', join(local, `${index}`)),
        ),
      ),
    )
    expect(ms).toBeGreaterThan(5 * LEAST_MS)
  })

  test('many small files are held to it', async () => {
    const { daemon, root } = await serve([...SERVER_ARGS, '--limit-rate', RATE])
    const client = await login(daemon)
    const files = Array.from({ length: 100 }, (_, index) =>
      content.subarray(index * 6000, (index + 1) * 6000),
    )
    const ms = await elapsed(() =>
      Promise.all(files.map((file, index) => client.put(file, `/small-${index}`))),
    )
    expect(ms).toBeGreaterThan(LEAST_MS)
    expect(files.map((_, index) => readFileSync(join(root, `small-${index}`)))).toEqual(files)
  })

  test('a client does not take it for a stall, however long its turn does not come', async () => {
    const { daemon, root } = await serve([...SERVER_ARGS, '--limit-rate', '1k'])
    writeFileSync(join(root, 'short'), content.subarray(0, 2048))
    // Each session has its turn every 5 s only, for 1 KiB.
    const clients = await Promise.all(Array.from({ length: 5 }, () => login(daemon, 3000)))
    const results = await Promise.all(
      clients.map((client, index) =>
        index % 2 === 0
          ? client.get('/short', join(root, `got-${index}`))
          : client.put(content.subarray(0, 2048), `/put-${index}`),
      ),
    )
    expect(results.map(({ bytes }) => bytes)).toEqual([2048, 2048, 2048, 2048, 2048])
  })

  test('a cancel leaves the session usable', async () => {
    const { daemon, local } = await serve([...SERVER_ARGS, '--limit-rate', '2k'])
    const client = await login(daemon)
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    const get = client.get('/file', join(local, 'cut'), { signal: controller.signal, onProgress })
    await expect(get).rejects.toMatchObject({ code: 'cancelled' })
    // At 2 kB/s the rest of the file would take five minutes.
    expect((await client.stat('/file')).size).toBe(600_000)
  })
})

describe('--limit-rate of ftpd', () => {
  test.each(['fast', '10', '0', '-1', '5T'])('refuses %j with exit code 2', async (rate) => {
    using folder = tempFolder()
    await using daemon = new DaemonProcess([folder.path, '--port', '0', `--limit-rate=${rate}`])
    expect(await daemon.exited).toMatchObject({ code: 2 })
    expect(daemon.stderr).toBe(
      `ftpd: --limit-rate ${rate}: bytes per second, at least 1k, such as 500k, 10M or 1.5MiB, or none, is needed\n`,
    )
  })

  test('may come from FTPD_LIMIT_RATE, and the log tells it', async () => {
    using folder = tempFolder()
    const command = ['env', 'FTPD_LIMIT_RATE=1.5MiB', process.execPath] as const
    await using daemon = await DaemonProcess.start(folder.path, [], { command })
    expect(daemon.lines.find(({ type }) => type === 'ready')).toMatchObject({ limitRate: 1_572_864 })
    await using other = await DaemonProcess.start(folder.path, ['--limit-rate', 'none'], { command })
    expect(other.lines.find(({ type }) => type === 'ready')).not.toHaveProperty('limitRate')
  })
})

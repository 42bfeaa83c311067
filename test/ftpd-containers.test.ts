import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { bytesOf } from './random.js'
import { RawClient, say } from './raw-client.js'
import { makeRootForEachTest, root } from './served-root.js'
import { staged } from './temp-folder.js'

/** Starts a program as the first process of a namespace of its own, as a container does. It ends with `unshare`. */
const IN_CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] as const

const cannotContain = (() => {
  try {
    execFileSync(IN_CONTAINER[0], [...IN_CONTAINER.slice(1), 'true'], { stdio: 'ignore' })
    return undefined
  } catch (error) {
    return `no process namespaces can be made: ${String(error)}`
  }
})()

makeRootForEachTest()

const start = (args: string[]) =>
  DaemonProcess.start(root, args, { command: [...IN_CONTAINER, process.execPath] })

const content = bytesOf(12 * 1024 * 1024, 3)
const half = content.subarray(0, 9 * 1024 * 1024)
const facts = { size: content.length, sourceTime: 1_600_000_000_000, resume: true }

/** Sends most of a file and waits until ftpd has it. */
async function beginUpload(daemon: DaemonProcess): Promise<RawClient> {
  const client = await RawClient.login(daemon.place)
  expect(await client.ask(1, 'put', { path: '/file', ...facts })).toMatchObject({
    status: 'ready',
    offset: 0,
  })
  for (let at = 0; at < half.length; at += 512 * 1024)
    client.send(say.data(1, half.subarray(at, at + 512 * 1024)))
  // Its name ends in how many bytes of it are synced.
  await expect
    .poll(() => staged(root).some((name) => /\.[1-9]\d*$/.test(name)), { timeout: 60_000 })
    .toBe(true)
  return client
}

const signs = () => readdirSync(join(root, '.jftp')).filter((name) => name.startsWith('alive-'))

test.skipIf(cannotContain !== undefined).each(['0', '2'])(
  `daemons in two containers leave each other's uploads alone, %s worker threads (${cannotContain ?? 'possible'})`,
  async (workers) => {
    await using first = await start(['--workers', workers])
    using client = await beginUpload(first)
    await using second = await start(['--workers', workers])
    expect(signs()).toHaveLength(2)
    // It is still under way, so nobody else may continue it.
    using other = await RawClient.login(second.place)
    const refused = await other.ask(1, 'put', { path: '/file', ...facts })
    expect(refused).toMatchObject({ error: { code: 'busy' } })
    for (let at = half.length; at < content.length; at += 512 * 1024)
      client.send(say.data(1, content.subarray(at, at + 512 * 1024)))
    client.send(say.end(1, content))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect(readFileSync(join(root, 'file')).equals(content)).toBe(true)
  },
)

test.skipIf(cannotContain !== undefined)(
  'what a container that was killed has left is continued in another one, at once',
  async () => {
    await using second = await start([])
    {
      await using first = await start([])
      using _client = await beginUpload(first)
      expect(await first.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
    }
    using client = await RawClient.login(second.place)
    const ready = await client.ask(1, 'put', { path: '/file', ...facts })
    expect(ready).toMatchObject({ status: 'ready', offset: expect.any(Number) })
    expect(Number(ready['offset'])).toBeGreaterThan(0)
    // The next one that starts removes the socket of the one that was killed.
    await using _third = await start([])
    expect(signs()).toHaveLength(2)
  },
)

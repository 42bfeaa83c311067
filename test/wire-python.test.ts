import { execFile, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ack, data, end, HostileServer } from './client-hostile-server.js'
import { DaemonProcess } from './daemon.js'
import { tempFolder } from './temp-folder.js'

const CLIENT = fileURLToPath(new URL('../packages/protocol/examples/client.py', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

/** A client that was written from the document alone must work with the real server. */
describe.skipIf(!hasPython)('the example client in Python', () => {
  let folder: ReturnType<typeof tempFolder>

  beforeEach(() => {
    folder = tempFolder('in memory')
  })
  afterEach(() => folder[Symbol.dispose]())

  const local = (name: string): string => join(folder.path, name)

  test('puts, lists and gets files, and shows the error of a refusal', async () => {
    const root = local('root')
    mkdirSync(join(root, 'd'), { recursive: true })
    await using daemon = await DaemonProcess.start(root, [])
    const contents = { 'large file': randomBytes(3 * 1024 * 1024 + 7), empty: Buffer.alloc(0) }
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(local('sent'), content)
      const stored = await client(daemon.url, 'put', local('sent'), `d/${name}`)
      expect(JSON.parse(stored.stdout)).toEqual({
        ok: true,
        status: 'stored',
        path: `/d/${name}`,
        size: content.length,
        digest: { alg: 'md5', hex: md5(content) },
      })
      expect(readFileSync(join(root, 'd', name)).equals(content)).toBe(true)
      await client(daemon.url, 'get', `d/${name}`, local('received'))
      expect(readFileSync(local('received')).equals(content)).toBe(true)
    }
    const { stdout } = await client(daemon.url, 'ls', 'd')
    const entries = JSON.parse(stdout) as { name: string; size: number }[]
    expect(Object.fromEntries(entries.map(({ name, size }) => [name, size]))).toEqual({
      'large file': 3 * 1024 * 1024 + 7,
      empty: 0,
    })
    expect(await client(daemon.url, 'get', 'none', local('none'))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'client.py: not-found: no such file or folder\n',
    })
    expect(await client(daemon.url, 'put', local('sent'), 'd')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is-a-directory'),
    })
    expect(readdirSync(folder.path).sort()).toEqual(['received', 'root', 'sent'])
  })

  test.each([
    ['are not the ones of the digest', 'hellO', 5],
    ['are fewer than the ACK says', 'hello', 6],
  ])('keeps the old file if the bytes that come %s', async (_, content, size) => {
    await using server = await HostileServer.start({
      get: (id) => [
        ack(id, { path: '/f', size, mtime: 0, mode: 0o644 }),
        data(id, content),
        end(id, { size: 5, digest: { alg: 'md5', hex: md5(Buffer.from('hello')) } }),
      ],
    })
    writeFileSync(local('f'), 'old')
    expect(await client(server.url, 'get', '/f', local('f'))).toMatchObject({ code: 1, stdout: '' })
    expect(readFileSync(local('f'), 'utf8')).toBe('old')
  })
})

/** Runs the client and resolves with how it ended. */
async function client(
  url: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { hostname, port } = new URL(url)
  return await new Promise((resolve) => {
    execFile('python3', [CLIENT, hostname, port, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

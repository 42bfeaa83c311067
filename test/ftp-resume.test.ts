import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { folder, local, proxy, serveBehindProxy, served } from './proxied-daemon.js'

/* The last line of a command counts the files that went on where they were cut, and so do their own lines. */

serveBehindProxy()

const large = randomBytes(20_000_000)
/** Through the proxy, because what is kept of a download belongs to the address that it came from. */
const run = (...args: string[]) =>
  ftp([...args, '--url', `jftp://127.0.0.1:${proxy.port}/`], { cwd: folder.path })

/** Runs a command whose connection is cut in the middle of the large file. */
async function cut(...args: string[]): Promise<void> {
  const towards = args[0] === 'get' ? 'to the client' : 'to the server'
  proxy.fault = { what: 'cut', towards, at: 9_000_000 }
  expect(await run(...args, '--retries', '0')).toMatchObject({ exitCode: 3 })
  expect(proxy.struck).toBe(1)
  proxy.fault = undefined
}

test.each([
  ['one file', ['put', 'file'], ['put', '-c', 'file'], /^1 file: 1 resumed · /m],
  ['by reput', ['put', 'file'], ['reput', 'file'], /^1 file: 1 resumed · /m],
  ['several files', ['put', 'file'], ['put', '-c', 'file', 'small'], /^2 files: 1 sent, 1 resumed · /m],
  ['a tree', ['put', '-r', 'tree'], ['put', '-r', '-c', 'tree', 'small'], /^2 files: 1 sent, 1 resumed · /m],
  ['a sync', ['sync', 'tree', ':tree'], ['sync', 'tree', ':tree'], /^1 file: 1 resumed · /m],
])('an upload that goes on says so: %s', async (_what, first, again, totals) => {
  mkdirSync(local('tree'))
  writeFileSync(local('file'), large)
  writeFileSync(local('tree/file'), large)
  writeFileSync(local('small'), 'small')
  await cut(...first)
  const { exitCode, stderr } = await run(...again)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(totals) })
  expect(stderr).toMatch(/file .*md5 [0-9a-f]{32} {2}resumed$/m)
  // What had arrived before has not passed again.
  expect(stderr).not.toMatch(/· 19\.1 MiB in/)
  const stored = existsSync(served('tree/file')) ? served('tree/file') : served('file')
  expect(readFileSync(stored).equals(large)).toBe(true)
})

test.each([
  ['one file', ['get', 'file'], ['get', '-c', 'file'], /^1 file: 1 resumed · /m],
  ['several files', ['get', 'file'], ['get', '-c', 'file', 'small'], /^2 files: 1 received, 1 resumed · /m],
  ['a sync', ['get', 'tree/file', '-O', 'tree'], ['sync', ':tree', 'tree'], /^1 file: 1 resumed · /m],
])('a download that goes on says so: %s', async (_what, first, again, totals) => {
  mkdirSync(served('tree'))
  mkdirSync(local('tree'))
  writeFileSync(served('file'), large)
  writeFileSync(served('tree/file'), large)
  writeFileSync(served('small'), 'small')
  await cut(...first)
  const { exitCode, stderr } = await run(...again)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(totals) })
  expect(stderr).toMatch(/file .*md5 [0-9a-f]{32} {2}resumed$/m)
  const fetched = existsSync(local('tree/file')) ? local('tree/file') : local('file')
  expect(readFileSync(fetched).equals(large)).toBe(true)
})

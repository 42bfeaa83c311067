import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseFingerprint } from './fingerprint.js'
import { readKnownHosts, rememberHost } from './known-hosts.js'

const prints = Array.from({ length: 50 }, (_each, index) => `sha256:${String(index).padStart(64, '0')}`)
const [one = '', two = ''] = prints
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-test-'))
  path = join(folder, 'jftp', 'known_hosts')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what is remembered is found, by host and port, and the file is for its owner alone', () => {
  expect(readKnownHosts(path, 'host:1')).toEqual([])
  rememberHost(path, 'host:1', one)
  rememberHost(path, '[::1]:2', two)
  expect(readKnownHosts(path, 'host:1')).toEqual([{ fingerprint: one, line: 1 }])
  expect(readKnownHosts(path, '[::1]:2')).toEqual([{ fingerprint: two, line: 2 }])
  expect(readKnownHosts(path, 'host:2')).toEqual([])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a line is never added to one that was not finished', () => {
  rememberHost(path, 'host:1', one)
  writeFileSync(path, `host:1 ${one}`)
  rememberHost(path, 'host:2', two)
  expect(readFileSync(path, 'utf8')).toBe(`host:1 ${one}\nhost:2 ${two}\n`)
})

test('programs that remember hosts at once lose none', async () => {
  const module = new URL('../../dist/trust/known-hosts.js', import.meta.url).href
  const script = `
    const { rememberHost } = await import(${JSON.stringify(module)})
    const [path, host, ...prints] = process.argv.slice(1)
    for (const print of prints) rememberHost(path, host, print)`
  await Promise.all(
    ['a:1', 'b:1', 'c:1'].map((host) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, path, host, ...prints]),
    ),
  )
  for (const host of ['a:1', 'b:1', 'c:1']) {
    expect(readKnownHosts(path, host).map(({ fingerprint }) => fingerprint)).toEqual(prints)
  }
})

test.each([
  ['sha256:AB', undefined],
  [`SHA256:${'AB:'.repeat(31)}AB`, `sha256:${'ab'.repeat(32)}`],
  [`sha256:${'ab'.repeat(32)}`, `sha256:${'ab'.repeat(32)}`],
  [`sha256:${'ab'.repeat(33)}`, undefined],
  [`sha512:${'ab'.repeat(32)}`, undefined],
  ['', undefined],
])('reads the fingerprint %j', (text, fingerprint) => {
  expect(parseFingerprint(text)).toBe(fingerprint)
})

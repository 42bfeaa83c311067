import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'

/* The examples of @jftp/client are run as their README says. */

const folder = fileURLToPath(new URL('../packages/client/examples/', import.meta.url))

const ran = new Set<string>()

serveScratch()

async function example(name: string, args: readonly string[], input = '') {
  ran.add(name)
  const child = spawn(process.execPath, [join(folder, name), ...args], { cwd: scratch.local })
  child.stdin.end(input)
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ])
  return { exitCode: exitCode as number | null, stdout, stderr }
}

test('put-and-get.js', async () => {
  writeFileSync(local('a.txt'), 'content')
  const { stdout, stderr } = await example('put-and-get.js', [daemon.url, 'a.txt'])
  expect(stderr).toBe('')
  expect(stdout).toBe(
    'sent /examples/a.txt, 7 bytes, md5 9a0364b9e99bb480dd25e1f0284c8555\nreceived a.txt.copy, the same digest\n',
  )
  expect(readFileSync(local('a.txt.copy'), 'utf8')).toBe('content')
})

test('list-tree.js', async () => {
  mkdirSync(remote('listed'))
  writeFileSync(remote('listed/b.txt'), 'bb')
  const { stdout, stderr } = await example('list-tree.js', [daemon.url])
  expect(stderr).toBe('')
  expect(stdout).toContain('/listed/\n/listed/b.txt 2\n')
  expect(stdout).toMatch(/^\d+ bytes$/m)
  expect(stdout).toContain('a text: /listed/b.txt\n')
})

test('streams.js', async () => {
  expect(await example('streams.js', [daemon.url, 'streamed'], 'piped')).toEqual({
    exitCode: 0,
    stdout: 'piped',
    stderr: '5 bytes are stored\n',
  })
})

test('progress-and-stop.js shows progress, and Ctrl-C stops the transfer alone', async () => {
  writeFileSync(local('small'), 'x')
  expect((await example('progress-and-stop.js', [daemon.url, 'small'])).stdout).toMatch(
    /\r1 of 1 bytes\ndone\n$/,
  )

  // It is large enough to be under way when the first line of progress has come.
  writeFileSync(local('large'), '')
  truncateSync(local('large'), 2_000_000_000)
  const path = join(folder, 'progress-and-stop.js')
  const child = spawn(process.execPath, [path, daemon.url, 'large'], { cwd: scratch.local })
  child.stdout.once('data', () => child.kill('SIGINT'))
  const [[exitCode], stdout] = await Promise.all([once(child, 'close'), text(child.stdout)])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/\nstopped; the server answers in \d+ ms\n$/)
})

test('sync-folder.js', async () => {
  mkdirSync(local('mirrored'))
  writeFileSync(local('mirrored/kept'), 'k')
  writeFileSync(local('mirrored/left.tmp'), 't')
  mkdirSync(remote('mirror'))
  writeFileSync(remote('mirror/old'), 'o')
  const { stdout, stderr } = await example('sync-folder.js', [daemon.url, 'mirrored'])
  expect(stderr).toBe('')
  expect(stdout).toBe('transferred kept\ndeleted old\n1 sent, 0 unchanged, 1 deleted\n')
  expect(readdirSync(remote('mirror'))).toEqual(['kept'])
})

test('many-files.js', async () => {
  mkdirSync(local('many'))
  for (let number = 0; number < 50; number++) writeFileSync(local(`many/${number}`), 'many')
  expect(await example('many-files.js', [daemon.url, 'many'])).toEqual({
    exitCode: 0,
    stdout: '200 bytes\ndirectory directory\n',
    stderr: '',
  })
  expect(readdirSync(remote('many'))).toHaveLength(50)
})

test('errors-and-retries.js', async () => {
  expect(await example('errors-and-retries.js', [daemon.url, 'missing'])).toEqual({
    exitCode: 1,
    stdout: 'not-found: /missing: no such file or folder\n',
    stderr: '',
  })
  const nobody = await example('errors-and-retries.js', ['jftp://127.0.0.1:1/', 'x'])
  expect(nobody.stderr).toBe('connection-refused: attempt 1 of 2\nconnection-refused: attempt 2 of 2\n')
  expect(nobody.stdout).toMatch(/^connection-refused, worth a retry: /)
})

test('every example is run here and named in the README', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'))
  expect([...ran].sort()).toEqual(names.sort())
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  for (const name of names) expect(readme).toContain(`\`node ${name} `)
})

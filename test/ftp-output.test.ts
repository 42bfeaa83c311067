import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cleanEnvironment, ftp } from './ftp-process.js'
import { daemon, scratch, serveScratch } from './served-scratch.js'

const FTP = fileURLToPath(new URL('../bin/ftp.js', import.meta.url))

serveScratch(() => {
  writeFileSync(join(scratch.remote, 'large'), Buffer.alloc(1_000_000, 'x'))
  writeFileSync(join(scratch.remote, 'small'), 'x')
  writeFileSync(join(scratch.remote, 'empty'), '')
})

/** Runs `ftp ARGS` as a shell would, with `redirection` after it and `before` before it. */
async function inShell(args: readonly string[], redirection: string, before = '') {
  const words = [process.execPath, FTP, ...args.map((arg) => arg.replace('URL', daemon.url))]
  const line = `${before} exec ${words.map((word) => `'${word}'`).join(' ')} ${redirection}`
  const child = spawn('/bin/sh', ['-c', line], { cwd: scratch.local, env: cleanEnvironment() })
  const [[exitCode], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)])
  return { exitCode: exitCode as number | null, stderr }
}

describe.skipIf(!existsSync('/dev/full'))('on a full disk nothing that was lost is called done', () => {
  test.each([
    [['get', 'URL/large', '-']],
    [['get', 'URL/small', '-']],
    [['ls', 'URL/']],
    [['ls', '--json', 'URL/']],
    [['pwd', 'URL/']],
    [['rm', '-f', '--json', 'URL/nothing']],
    [['-c', 'ls', 'URL/']],
    [['--help']],
    [['--version']],
    [['--version', '--json']],
  ])('%j', async (args) => {
    const { exitCode, stderr } = await inShell(args, '> /dev/full')
    expect(exitCode).toBe(9)
    expect(stderr).toMatch(/^.*stdout: .*$/m)
    expect(stderr).not.toContain('verified')
  })
})

test.skipIf(!existsSync('/dev/full'))('progress that nobody could read ends in one line too', async () => {
  // The first event comes while the source still waits.
  const slowly = '(sleep 1; echo x) |'
  const { exitCode, stderr } = await inShell(['put', '--json', '-', 'URL/slow'], '> /dev/full', slowly)
  expect(exitCode).toBe(9)
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^1 file: 1 sent/),
    'ftp: put: stdout: the disk is full; free some space and run it again',
  ])
})

test('a write that the disk took only in part is a failure', async () => {
  // The limit is 512 or 1024 bytes, depending on the shell, and is no whole number of pieces.
  const { exitCode, stderr } = await inShell(['get', 'URL/large', '-'], '> part', 'ulimit -f 700;')
  expect(exitCode).toBe(9)
  expect(stderr).toContain('the file is too large for this disk')
  expect(stderr).not.toContain('verified')
  expect(statSync(join(scratch.local, 'part')).size).toBeLessThan(1_000_000)
})

test('a file that is not there ends a get to stdout in one line', async () => {
  expect(await ftp(['get', `${daemon.url}/nope`, '-'])).toMatchObject({
    exitCode: 5,
    stdout: '',
    stderr: 'ftp: get: /nope: no such file or folder\n',
  })
})

test('an empty file goes to stdout too', async () => {
  expect(await ftp(['-q', 'get', `${daemon.url}/empty`, '-'])).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: '',
  })
})

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp, startFtp } from './ftp-process.js'
import { daemon, scratch, serveScratch } from './served-scratch.js'

let url: string
serveScratch()

let number = 0
beforeEach(() => {
  const folder = `/test-${++number}`
  mkdirSync(join(scratch.remote, folder))
  mkdirSync(join(scratch.local, folder))
  url = `${daemon.url}${folder}/`
})

const local = (...path: string[]) => join(scratch.local, `test-${number}`, ...path)
const remote = (...path: string[]) => join(scratch.remote, `test-${number}`, ...path)
const run = (...args: string[]) => ftp(args, { cwd: local(), env: { FTP_URL: url } })

function makeTree(folder: string): void {
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'top'), 'top')
  writeFileSync(join(folder, 'a/b/deep'), 'deep')
}

function expectSame(one: string, other: string): void {
  execFileSync('diff', ['-r', one, other])
}

describe('put -r and get -r', () => {
  test('store and fetch a folder under its own name', async () => {
    makeTree(local('tree'))
    const put = await run('put', '-r', 'tree')
    expect(put).toMatchObject({ exitCode: 0, stdout: '' })
    expect(put.stderr).toMatch(/\n2 files: 2 sent · 7 B in .+ · md5 verified\n$/)
    expect(put.stderr).toMatch(/^\S*\/tree\/(?:top|a\/b\/deep) .* md5 [0-9a-f]{32}$/m)
    expectSame(local('tree'), remote('tree'))

    const get = await run('get', '-r', 'tree', '-o', 'back')
    expect(get).toMatchObject({ exitCode: 0, stdout: '' })
    expect(get.stderr).toMatch(/\n2 files: 2 received · 7 B in .+ · md5 verified\n$/)
    expectSame(local('tree'), local('back'))
  })

  test('into a folder that exists go under their name, and otherwise get the name that is given', async () => {
    makeTree(local('tree'))
    mkdirSync(remote('box'))
    mkdirSync(local('box'))
    expect(await run('put', '-r', 'tree', `${url}box`)).toMatchObject({ exitCode: 0 })
    expectSame(local('tree'), remote('box/tree'))
    expect(await run('put', '-r', 'tree', `${url}new`)).toMatchObject({ exitCode: 0 })
    expectSame(local('tree'), remote('new'))
    expect(await run('get', '-r', 'new', 'box/tree', 'box/')).toMatchObject({ exitCode: 0 })
    expectSame(local('tree'), local('box/new'))
    expectSame(local('tree'), local('box/tree'))
    expect(await run('get', '-r', url, '-O', 'box')).toMatchObject({ exitCode: 0 })
    expectSame(remote(), local(`box/test-${number}`))
  })

  test('take files and folders, and patterns, over several connections', async () => {
    makeTree(local('tree'))
    writeFileSync(local('file'), 'x')
    expect(await run('mput', '-r', '*', '-j', '3')).toMatchObject({ exitCode: 0 })
    expectSame(local(), remote())
    mkdirSync(local('back'))
    expect(await run('mget', '-r', '-j', '2', '*', '-O', 'back')).toMatchObject({ exitCode: 0 })
    expectSame(remote(), local('back'))
  })

  test('say of a folder without -r that it needs -r', async () => {
    makeTree(local('tree'))
    makeTree(remote('there'))
    const put = await run('put', 'tree')
    expect(put.exitCode).toBe(2)
    expect(put.stderr).toContain('add -r')
    const get = await run('get', 'there')
    expect(get.exitCode).toBe(2)
    expect(get.stderr).toContain('add -r')
    expect(existsSync(local('there'))).toBe(false)
  })

  test('are told of in JSON', async () => {
    makeTree(local('tree'))
    symlinkSync('/etc', local('tree/out'))
    const { events, exitCode } = await run('put', '-r', 'tree', '--json')
    expect(exitCode).toBe(0)
    const kinds = events.map(({ event }) => event).filter((event) => event !== 'progress')
    expect(kinds.toSorted()).toEqual(['result', 'transfer', 'transfer', 'warning'])
    expect(events.find(({ event }) => event === 'warning')).toMatchObject({ v: 1, path: local('tree/out') })
    expect(
      events.filter(({ event, local: path }) => event === 'transfer' && path === local('tree/top')),
    ).toEqual([
      {
        v: 1,
        event: 'transfer',
        path: `/test-${number}/tree/top`,
        local: local('tree/top'),
        bytes: 3,
        ms: expect.any(Number),
        digest: { alg: 'md5', hex: expect.any(String) },
        status: 'sent',
      },
    ])
    expect(events.at(-1)).toMatchObject({ event: 'result', exitCode: 0, sent: 2, failed: 0, bytes: 7 })
  })

  test('warn of a link that leads out, and leave it out', async () => {
    makeTree(remote('tree'))
    symlinkSync('/etc', remote('tree/out'))
    const get = await run('get', '-r', 'tree')
    expect(get).toMatchObject({ exitCode: 0 })
    expect(get.stderr).toContain('/tree/out: left out')
    expect(existsSync(local('tree/out'))).toBe(false)
    expect(await run('get', '-r', '--links', 'tree', '-o', 'with-links')).toMatchObject({ exitCode: 0 })
    expect(readdirSync(local('with-links')).toSorted()).toEqual(['a', 'empty', 'out', 'top'])
  })

  test('refuse what makes no sense', async () => {
    for (const args of [
      ['get', '-r', 'x', '-'],
      ['put', '-r', '-', 'x'],
      ['get', '-j', '0', 'x'],
      ['get', '-j', 'many', 'x'],
      ['put', '-r', '.', '-j', '65'],
    ]) {
      expect(await run(...args), args.join(' ')).toMatchObject({ exitCode: 2, stdout: '' })
    }
  })
})

test('files without -r may go over several connections too', async () => {
  for (let n = 0; n < 40; n++) writeFileSync(local(`f${n}`), String(n))
  expect(await run('mput', '-j', '4', 'f*')).toMatchObject({ exitCode: 0 })
  expectSame(local(), remote())
  mkdirSync(local('back'))
  expect(await run('mget', '-j', '4', 'f*', 'back/')).toMatchObject({ exitCode: 0 })
  expectSame(remote(), local('back'))
})

test('put makes missing folders with --mkdir, and gives files the bits of --mode', async () => {
  writeFileSync(local('f'), 'x')
  const missing = await run('put', 'f', '-o', 'a/b/c')
  expect(missing.exitCode).toBe(5)
  expect(missing.stderr).toContain('--mkdir')
  expect(await run('put', '--mkdir', '--mode', '640', 'f', '-o', 'a/b/c')).toMatchObject({ exitCode: 0 })
  expect(statSync(remote('a/b/c')).mode & 0o777).toBe(0o640)
  expect(await ftp(['put', '--mkdir', '-', `${url}d/e`], { input: 'piped' })).toMatchObject({ exitCode: 0 })
  expect(readFileSync(remote('d/e'), 'utf8')).toBe('piped')
  expect(await run('put', '--mode', 'rw', 'f')).toMatchObject({ exitCode: 2 })
})

describe('a file that fails', () => {
  test('does not stop the others, and is named at the end', async () => {
    makeTree(local('tree'))
    mkdirSync(remote('tree/top/in'), { recursive: true })
    const { exitCode, stderr } = await run('put', '-r', 'tree')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('2 files: 1 sent, 1 failed · 4 B')
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^ftp: put: \S+\/tree\/top: is a folder/)
    expect(readFileSync(remote('tree/a/b/deep'), 'utf8')).toBe('deep')
  })

  test('is one of many: the first are told, and how many more there are', async () => {
    mkdirSync(local('many'))
    mkdirSync(remote('many'))
    for (let n = 0; n < 50; n++) writeFileSync(local('many', `f${n}`), 'x')
    for (let n = 0; n < 45; n++) mkdirSync(remote('many', `f${n}`))
    const { exitCode, stderr } = await run('put', '-r', 'many')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('50 files: 5 sent, 45 failed')
    expect(stderr.match(/is a folder/g)).toHaveLength(20)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('ftp: put: and 25 more')
    const { events } = await run('put', '-r', 'many', '--json')
    expect(events.filter(({ event }) => event === 'error')).toHaveLength(45)
  })

  test('for another reason than the next makes the exit code 1', async () => {
    mkdirSync(local('tree'))
    writeFileSync(local('tree/a'), 'x')
    mkdirSync(remote('tree/a'), { recursive: true })
    expect(await run('put', '-r', 'missing', 'tree', '-O', '.')).toMatchObject({ exitCode: 1 })
  })
})

test('many files are collapsed to their totals, unless -v asks for each', async () => {
  mkdirSync(local('many'))
  for (let n = 0; n < 700; n++) writeFileSync(local('many', `f${n}`), 'x')
  const { stderr, exitCode } = await run('put', '-r', 'many')
  expect(exitCode).toBe(0)
  expect(stderr.split('\n').length).toBeLessThan(120)
  expect(stderr).toMatch(/\n?700 files: 700 sent · 700 B in .+ · md5 verified\n$/)
  const verbose = await run('put', '-r', 'many', '-v')
  expect(verbose.stderr.split('\n').length).toBeGreaterThan(700)
})

test('an error that is about the connection stops the batch and is told once', async () => {
  mkdirSync(local('tree'))
  for (let n = 0; n < 20; n++) writeFileSync(local('tree', `f${n}`), 'x')
  const { exitCode, stderr } = await ftp(['put', '-r', 'tree', 'jftp://127.0.0.1:1/x'], { cwd: local() })
  expect(exitCode).toBe(3)
  expect(stderr.match(/connection refused/g)).toHaveLength(1)
})

test('what tar gives goes up through a pipe, and comes back through one', async () => {
  makeTree(local('tree'))
  const archive = execFileSync('tar', ['c', '-C', local('tree'), '.'])
  expect(await ftp(['put', '-', `${url}tree.tar`], { input: archive })).toMatchObject({ exitCode: 0 })
  const { bytes, exitCode } = await run('get', 'tree.tar', '-')
  expect(exitCode).toBe(0)
  mkdirSync(local('back'))
  execFileSync('tar', ['x', '-C', local('back')], { input: bytes })
  expectSame(local('tree'), local('back'))
})

test('Ctrl-C stops a batch, and no file is left half', async () => {
  mkdirSync(local('many'))
  for (let n = 0; n < 5000; n++) writeFileSync(local('many', `f${n}`), 'whole')
  const { child, end } = startFtp(['put', '-r', 'many', '-v'], { cwd: local(), env: { FTP_URL: url } })
  child.stderr?.once('data', () => child.kill('SIGINT'))
  const { exitCode, stderr } = await end
  expect(exitCode).toBe(130)
  expect(stderr).not.toContain('defect')
  for (const name of readdirSync(remote('many'))) {
    expect(readFileSync(remote('many', name), 'utf8')).toBe('whole')
  }
})

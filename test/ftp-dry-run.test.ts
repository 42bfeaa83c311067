import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'

serveScratch()

const run = (...args: string[]) =>
  ftp([...args, '--no-input', '--url', `${daemon.url}/`], { cwd: scratch.local })

/** Everything that -n must not change. */
function state(): unknown {
  return [scratch.local, scratch.remote].map((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('.jftp'))
      .sort()
      .map((name) => {
        const { mode, mtimeMs, size } = statSync(join(top, name))
        return [name, mode, mtimeMs, size]
      }),
  )
}

beforeEach(() => {
  for (const folder of [scratch.local, scratch.remote]) {
    for (const name of readdirSync(folder))
      if (name !== '.jftp') rmSync(join(folder, name), { recursive: true })
  }
  mkdirSync(local('box'))
  mkdirSync(remote('empty'))
  mkdirSync(remote('full'))
  writeFileSync(local('a'), 'new a')
  writeFileSync(local('b'), 'new b')
  writeFileSync(remote('a'), 'old a')
  writeFileSync(remote('c'), 'c')
  writeFileSync(remote('full/x'), 'x')
})

describe('with -n', () => {
  test.each<[string[], () => string]>([
    [['put', 'a', 'b'], () => `send     ${local('a')} → /a\nsend     ${local('b')} → /b\n`],
    [['put', 'b', 'full/'], () => `send     ${local('b')} → /full/b\n`],
    [['put', 'a', '--on-exists', 'skip'], () => 'skip     /a\n'],
    [['put', '-E', 'b'], () => `send     ${local('b')} → /b\ndelete   ${local('b')}\n`],
    [['get', 'c'], () => `receive  /c → ${local('c')}\n`],
    [['get', 'c', 'a', 'box/'], () => `receive  /c → ${local('box/c')}\nreceive  /a → ${local('box/a')}\n`],
    [['get', '-E', 'c'], () => `receive  /c → ${local('c')}\ndelete   /c\n`],
    [['get', 'a', '--on-exists', 'skip'], () => `skip     /a → ${local('a')}\n`],
    [['rm', 'a'], () => 'delete   /a\n'],
    [['rm', '-r', 'full'], () => 'delete   /full\n'],
    [['rmdir', 'empty'], () => 'delete   /empty\n'],
    [['mkdir', 'made'], () => 'make     /made\n'],
    [['mkdir', '-p', 'made/deep'], () => 'make     /made/deep\n'],
    [['mkdir', '-p', 'full'], () => ''],
    [['lmkdir', 'made'], () => `make     ${local('made')}\n`],
    [['mv', 'c', 'd'], () => 'move     /c → /d\n'],
    [['mv', 'c', 'full'], () => 'move     /c → /full/c\n'],
    [['cp', 'c', 'd'], () => 'copy     /c → /d\n'],
    [['cp', '-r', 'full', 'other'], () => 'copy     /full → /other\n'],
    [['chmod', '600', 'c'], () => 'chmod    /c\n'],
    [['touch', 'c', 'd'], () => 'touch    /c\nmake     /d\n'],
    [['ls', 'full'], () => 'x\n'],
    [['cat', 'c'], () => 'c'],
  ])('%j says what it would do, and changes nothing', async (args, stdout) => {
    const before = state()
    const { exitCode, stdout: plan, stderr } = await run('-n', ...args)
    expect([plan.split('\n').sort(), stderr, exitCode]).toEqual([stdout().split('\n').sort(), '', 0])
    expect(state()).toEqual(before)
  })

  test.each<[string[], string, number]>([
    [['put', 'missing'], 'missing', 5],
    [['put', 'box'], 'add -r to store it', 2],
    [['put', 'b', 'no/'], '/no', 5],
    [['put', 'a', '--on-exists', 'fail'], 'the name is taken', 7],
    [['get', 'missing'], 'missing', 5],
    [['get', 'full'], 'add -r to fetch it', 2],
    [['get', 'a', '--on-exists', 'fail'], 'the name is taken', 7],
    [['get', '-r', 'full'], "'sync -n' says what would be done", 2],
    [['put', '-r', 'box'], "'sync -n' says what would be done", 2],
    [['rm', 'full'], 'rm -r removes it', 2],
    [['rm', 'missing'], 'missing', 5],
    [['rmdir', 'full'], 'not empty', 7],
    [['mkdir', 'full'], 'mkdir -p accepts', 7],
    [['mkdir', 'no/deep'], '/no', 5],
    [['mv', 'c', 'a'], 'mv -f replaces', 7],
    [['cp', 'c', 'a'], 'cp -f replaces', 7],
    [['cp', 'full', 'd'], 'cp -r copies', 2],
    [['touch', '-c', 'a', '--date', 'never'], 'never', 2],
    [['edit', 'c'], "it can't say what it would change; leave out -n", 2],
    [['exec', 'x'], "it can't say what it would change; leave out -n", 2],
    [['share', 'a'], "it can't say what it would change; leave out -n", 2],
    [['bookmark', 'add', 'x', 'jftp://x/'], "it can't say what it would change; leave out -n", 2],
    [['-c', '!touch made'], "'!' runs a local program", 2],
  ])('%j fails as it would, and changes nothing', async (args, stderr, exitCode) => {
    const before = state()
    const end = await run('-n', ...args)
    expect(end.stderr).toContain(stderr)
    expect(end.exitCode).toBe(exitCode)
    expect(state()).toEqual(before)
  })

  test('a batch goes through, and --json tells the plan', async () => {
    const before = state()
    const batch = await run('-n', '-q', '-c', 'cd full; put a; rm x; set dry-run false; mkdir real')
    expect(batch.stdout).toBe(`send     ${local('a')} → /full/a\ndelete   /full/x\n`)
    expect(readdirSync(remote('full')).sort()).toEqual(['real', 'x'])
    rmSync(remote('full/real'), { recursive: true })
    const { events } = await run('mv', '-n', '--json', 'c', 'd')
    expect(events[0]).toEqual({ v: 1, event: 'planned', action: 'move', path: '/c', to: '/d' })
    expect(readFileSync(remote('c'), 'utf8')).toBe('c')
    expect(JSON.stringify(before)).toContain('"c"')
  })
})

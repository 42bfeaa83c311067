import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp, startFtp } from './ftp-process.js'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'

serveScratch()
beforeEach(() => {
  for (const root of [scratch.local, scratch.remote]) {
    for (const name of readdirSync(root)) {
      if (name !== '.jftp') rmSync(join(root, name), { recursive: true })
    }
  }
})

const run = (...args: string[]) => ftp(args, { cwd: scratch.local })
const url = (name: string) => `${daemon.url}/${name}`

function write(root: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
}

const namesIn = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !lstatSync(join(root, name)).isDirectory())
    .sort()

describe('sync', () => {
  test('sends what is missing or differs, and says so in one line', async () => {
    write(local('tree'), { 'a/1': 'one', 'a/2': 'two', b: 'three' })
    const first = await run('sync', 'tree', url('tree'))
    expect(first).toMatchObject({ exitCode: 0, stdout: '' })
    expect(first.stderr).toMatch(/^a\/1 .*md5 [0-9a-f]{32}\n/)
    expect(first.stderr).toMatch(/\n3 files: 3 sent · 11 B in .+ · md5 verified\n$/)
    expect(await run('sync', 'tree', url('tree'))).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '3 files: 3 unchanged\n',
    })
    writeFileSync(local('tree/b'), 'THREE')
    write(remote('tree'), { 'old/x': 'x' })
    const { exitCode, stderr } = await run('sync', 'tree', url('tree'), '--delete')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/\n3 files: 1 sent, 2 unchanged, 2 deleted · 5 B in .+ · md5 verified\n$/)
    expect(namesIn(remote('tree'))).toEqual(['a/1', 'a/2', 'b'])
  })

  test('goes the other way if SRC is on the server; a slash at the end makes no difference', async () => {
    write(remote('tree'), { 'a/1': 'one' })
    for (const [source, target] of [
      [url('tree'), 'copy-1'],
      [url('tree/'), 'copy-2/'],
      [url('tree/'), './copy-3'],
    ] as const) {
      expect(await run('sync', source, target)).toMatchObject({ exitCode: 0 })
    }
    expect(namesIn(scratch.local)).toEqual(['copy-1/a/1', 'copy-2/a/1', 'copy-3/a/1'])
  })

  test('without a URL, a colon marks the folder on the server, and without a colon it is DST', async () => {
    write(local('up'), { a: 'a' })
    write(remote('down'), { b: 'b' })
    // A local folder of that name changes nothing.
    write(local('down'), { c: 'c' })
    expect(await run('--url', daemon.url, 'sync', 'up', 'one')).toMatchObject({ exitCode: 0 })
    expect(await run('--url', daemon.url, 'mirror', 'up', ':two')).toMatchObject({ exitCode: 0 })
    expect(await run('--url', daemon.url, 'sync', ':down', 'three')).toMatchObject({ exitCode: 0 })
    expect(namesIn(remote(''))).toEqual(expect.arrayContaining(['one/a', 'two/a']))
    expect(namesIn(local('three'))).toEqual(['b'])
  })

  test('-n prints the plan and changes nothing', async () => {
    write(local('tree'), { a: 'a', 'b/c': 'c', same: 'same' })
    write(remote('tree'), { old: 'old', same: 'same' })
    utimesSync(local('tree/same'), 1, 1)
    utimesSync(remote('tree/same'), 1, 1)
    expect(await run('sync', 'tree', url('tree'), '-n', '--delete')).toEqual(
      expect.objectContaining({
        exitCode: 0,
        stdout: 'make     b\nsend     a\nsend     b/c\ndelete   old\n',
        stderr: '3 files: 2 to be sent, 1 unchanged, 1 to be deleted · 2 B\n',
      }),
    )
    expect(namesIn(remote('tree'))).toEqual(['old', 'same'])
    const { events } = await run('sync', url('tree'), 'tree', '-n', '--json')
    expect(events).toContainEqual({
      v: 1,
      event: 'planned',
      action: 'receive',
      path: '/tree/old',
      local: local('tree/old'),
    })
    expect(existsSync(local('tree/old'))).toBe(false)
  })

  test('tells programs of each file, each deletion and the totals', async () => {
    write(local('tree'), { a: 'a', same: 'same' })
    write(remote('tree'), { old: 'old', same: 'same' })
    utimesSync(local('tree/same'), 1, 1)
    utimesSync(remote('tree/same'), 1, 1)
    const { events, exitCode } = await run('sync', 'tree', url('tree'), '--delete', '--json')
    expect(exitCode).toBe(0)
    expect(events.filter(({ event }) => event === 'transfer')).toMatchObject([
      { path: '/tree/same', local: local('tree/same'), status: 'unchanged', bytes: 0 },
      { path: '/tree/a', local: local('tree/a'), status: 'sent', bytes: 1 },
    ])
    expect(events.filter(({ event }) => event === 'deleted')).toEqual([
      { v: 1, event: 'deleted', side: 'remote', path: '/tree/old', local: local('tree/old') },
    ])
    expect(events.at(-1)).toMatchObject({
      event: 'result',
      exitCode: 0,
      sent: 1,
      unchanged: 1,
      failed: 0,
      bytes: 1,
    })
  })

  test('--max-delete deletes nothing rather than too much', async () => {
    write(local('tree'), { a: 'a' })
    write(remote('tree'), { b: 'b', c: 'c' })
    const { exitCode, stderr } = await run('sync', 'tree', url('tree'), '--delete', '--max-delete', '1')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('to delete 2 would be more than the limit of 1, so nothing was deleted')
    expect(stderr).toMatch(/^1 file: 1 sent · /m)
    expect(namesIn(remote('tree'))).toEqual(['a', 'b', 'c'])
    expect(await run('sync', 'tree', url('tree'), '--delete', '--max-delete', '2')).toMatchObject({
      exitCode: 0,
    })
    expect(namesIn(remote('tree'))).toEqual(['a'])
  })

  test('--exclude-from of a pipe without an end can be ended', async () => {
    execFileSync('mkfifo', [join(scratch.local, 'pipe')])
    const flags = ['--exclude-from', 'pipe', '--max-time', '1']
    const command = ['timeout', '--signal', 'KILL', '30']
    const end = await ftp(['sync', '.', url('tree'), ...flags], { cwd: scratch.local, command })
    expect(end).toMatchObject({ exitCode: 124, stderr: expect.stringContaining('--max-time') })
  })

  test('the first rule that matches decides, in the order of the command line', async () => {
    write(local('tree'), { 'keep.log': '', 'a.log': '', 'b.txt': '', 'node_modules/c.txt': '' })
    write(scratch.local, { rules: '# what is built\n\n+ keep.log\n*.log\r\n- node_modules\n' })
    await run('sync', 'tree', url('one'), '--exclude-from', 'rules')
    expect(namesIn(remote('one'))).toEqual(['b.txt', 'keep.log'])
    await run('sync', 'tree', url('two'), '--exclude', '*.log', '--include', 'keep.log')
    expect(namesIn(remote('two'))).toEqual(['b.txt', 'node_modules/c.txt'])
    await run('sync', 'tree', url('three'), '--exclude', 'node_modules', '--include=*.txt', '--exclude', '*')
    expect(namesIn(remote('three'))).toEqual(['b.txt'])
  })

  test('--newer-than takes an age or a date', async () => {
    write(local('tree'), { new: '', old: '' })
    utimesSync(local('tree/old'), new Date('2020-01-01'), new Date('2020-01-01'))
    await run('sync', 'tree', url('one'), '--newer-than', '2d')
    expect(namesIn(remote('one'))).toEqual(['new'])
    await run('sync', 'tree', url('two'), '--newer-than', '2019-12-31')
    expect(namesIn(remote('two'))).toEqual(['new', 'old'])
  })

  test.each([
    [['sync', 'a'], 'DST is missing'],
    [['sync', 'jftp://h/a', 'jftp://h/b'], 'both SRC and DST are on a server'],
    [['sync', 'a', 'b', '--max-delete', '1'], '--max-delete limits --delete'],
    [['sync', 'a', 'b', '--delete', '--max-delete', '-1'], '--max-delete is a whole number'],
    [['sync', 'a', 'b', '--newer-than', 'yesterday'], '--newer-than is an age'],
    [['sync', 'a', 'b', '--checksum', '--size-only'], 'use one of them'],
    [['sync', 'a', 'b', '--delete', '--on-exists', 'rename'], 'use one of --delete and --on-exists rename'],
    [['sync', 'a', 'b', '--exclude', '/'], "the pattern '/' names nothing"],
  ])('%j is wrong usage', async (args, message) => {
    const { exitCode, stderr } = await run('--url', daemon.url, ...args)
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
  })

  test('a file of rules that is missing or has a rule of another program is an error', async () => {
    write(local('tree'), { a: '' })
    expect(await run('sync', 'tree', url('x'), '--exclude-from', 'none')).toMatchObject({ exitCode: 5 })
    write(scratch.local, { rules: '*.log\n!keep.log\n' })
    const { exitCode, stderr } = await run('sync', 'tree', url('x'), '--exclude-from', 'rules')
    expect(stderr).toContain('rules, line 2: a rule that includes is written + PATTERN')
    expect(exitCode).toBe(2)
  })

  test('one file that fails does not stop the others', async () => {
    write(local('tree'), { a: 'a', b: 'b', 'c/x': 'x' })
    write(remote('tree'), { 'a/in-the-way': '' })
    const { exitCode, stderr } = await run('sync', 'tree', url('tree'))
    expect(exitCode).toBe(7)
    expect(stderr).toContain('/tree/a: there is a file here and a folder on the server')
    expect(stderr).toMatch(/3 files: 2 sent, 1 failed · /)
    expect(namesIn(remote('tree'))).toEqual(['a/in-the-way', 'b', 'c/x'])
  })

  test('nothing is deleted after a failure', async () => {
    write(local('tree'), { a: 'a', b: 'b' })
    write(remote('tree'), { a: 'other', old: 'old' })
    const { exitCode, stderr } = await run('sync', 'tree', url('tree'), '--delete', '--on-exists', 'fail')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('1 name not deleted, because something failed before')
    expect(namesIn(remote('tree'))).toEqual(['a', 'b', 'old'])
  })

  test('links and special files are left out with a word', async () => {
    write(local('tree'), { a: 'a' })
    symlinkSync('nowhere', local('tree/link'))
    execFileSync('mkfifo', [local('tree/pipe')])
    const { exitCode, stderr } = await run('sync', 'tree', url('tree'))
    expect(exitCode).toBe(0)
    expect(stderr).toContain('/tree/link: left out, because it is a link that leads out of the tree')
    expect(stderr).toContain('/tree/pipe: left out, because it is a named pipe, a socket or a device\n')
    expect(namesIn(remote('tree'))).toEqual(['a'])
  })

  test('names can not steer the terminal', async () => {
    write(local('tree'), { 'a\n\u001b[2Jb': 'x' })
    write(remote('tree'), { '\u001b[31mold': 'x' })
    const { stdout, stderr } = await run('sync', 'tree', url('tree'), '--delete')
    expect(stdout + stderr).not.toContain('\u001b')
    expect(namesIn(remote('tree'))).toEqual(['a\n\u001b[2Jb'])
  })

  test('killed at any moment and run again, it goes on where it was', async () => {
    const files: Record<string, string> = {}
    for (let index = 0; index < 2000; index++) files[`d${index % 20}/f${index}`] = `${index}`
    write(local('tree'), files)
    let sent = 0
    for (const wanted of [100, 900]) {
      const { child, end } = startFtp(['sync', 'tree', url('tree'), '--json'], { cwd: scratch.local })
      let seen = 0
      child.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString().split('"status":"sent"').length - 1
        if (seen >= wanted) child.kill('SIGKILL')
      })
      await end
      sent += seen
    }
    const { events, exitCode, stderr } = await run('sync', 'tree', url('tree'), '--json')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^2000 files: .*\n$/)
    const { unchanged } = events.at(-1) as { unchanged: number }
    expect(unchanged).toBeGreaterThanOrEqual(Math.min(2000, sent))
    expect(namesIn(remote('tree'))).toEqual(namesIn(local('tree')))
    expect(await run('sync', 'tree', url('tree'))).toMatchObject({ stderr: '2000 files: 2000 unchanged\n' })
  })

  test('works in the shell and in a batch', async () => {
    write(local('tree'), { a: 'a' })
    const batch = await run('--url', daemon.url, '-c', 'mkdir box; cd box; sync tree copy; sync :copy back')
    expect(batch).toMatchObject({ exitCode: 0 })
    expect(namesIn(remote('box/copy'))).toEqual(['a'])
    expect(namesIn(local('back'))).toEqual(['a'])
  })
})

describe('diff', () => {
  test.each(['blake3', 'xxh128'])('compares by %s', async (digest) => {
    write(local('tree'), { same: 'x'.repeat(100_000), other: 'one' })
    write(remote('tree'), { same: 'x'.repeat(100_000), other: 'two' })
    const { exitCode, stdout, stderr } = await run('diff', '--digest', digest, 'tree', url('tree'))
    expect({ exitCode, stderr }).toEqual({ exitCode: 10, stderr: 'ftp: diff: 2 names: 1 equal, 1 differs\n' })
    expect(stdout).toContain('other')
    expect(stdout).not.toContain('same')
  })

  test('two equal trees: exit code 0, whatever the times are', async () => {
    write(local('tree'), { 'a/1': 'one', b: 'two', empty: '' })
    write(remote('tree'), { 'a/1': 'one', b: 'two', empty: '' })
    symlinkSync('b', local('tree/link'))
    writeFileSync(remote('tree/link'), 'two')
    symlinkSync('nowhere', local('tree/dangling'))
    symlinkSync('nowhere', remote('tree/dangling'))
    utimesSync(local('tree/b'), 1, 1)
    expect(await run('diff', 'tree', url('tree'))).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '5 names: 5 equal\n',
    })
  })

  test('what differs is told in order, and the exit code is 10', async () => {
    write(local('tree'), {
      'a/1': 'one',
      content: 'abc',
      size: 'x',
      same: 's',
      type: 'file',
      'z/only/deep': '',
    })
    write(remote('tree'), {
      'a/1': 'one',
      content: 'abd',
      size: 'xy',
      same: 's',
      'type/x': '',
      'b/c': '',
      '\u001b[2J': '',
    })
    for (const root of [local('tree'), remote('tree')]) utimesSync(join(root, 'content'), 1, 1)
    symlinkSync('nowhere', local('tree/link'))
    symlinkSync('elsewhere', remote('tree/link'))
    for (const args of [
      ['tree', url('tree')],
      [url('tree'), 'tree'],
    ]) {
      const { exitCode, stdout, stderr } = await run('diff', ...args)
      expect(stdout).toBe(
        [
          'only there: \\e[2J',
          'only there: b/',
          'differs:    content',
          'differs:    link',
          'differs:    size',
          'differs:    type',
          'only here:  z/',
          '',
        ].join('\n'),
      )
      expect(stderr).toBe('ftp: diff: 9 names: 2 equal, 4 differ, 1 only here, 2 only there\n')
      expect(exitCode).toBe(10)
    }
    expect(namesIn(local('tree'))).toContain('z/only/deep')
  })

  test('tells programs each difference', async () => {
    write(local('tree'), { a: 'a', x: '1' })
    write(remote('tree'), { 'b/c': 'c', x: '2' })
    const { events, exitCode } = await run('check', 'tree', url('tree'), '--json', '--digest', 'sha256')
    expect(exitCode).toBe(10)
    expect(events.filter(({ event }) => event === 'difference')).toEqual([
      { v: 1, event: 'difference', type: 'only-here', kind: 'file', path: '/tree/a', local: local('tree/a') },
      {
        v: 1,
        event: 'difference',
        type: 'only-there',
        kind: 'folder',
        path: '/tree/b',
        local: local('tree/b'),
      },
      { v: 1, event: 'difference', type: 'differs', kind: 'file', path: '/tree/x', local: local('tree/x') },
    ])
    expect(events.find(({ event }) => event === 'error')).toMatchObject({ code: 'different' })
  })

  test('what is excluded is not compared, and included files are found in excluded folders', async () => {
    write(local('tree'), { 'a.o': '1', 'b.c': 'b', 'd/e.c': 'e', 'only/x.o': '' })
    write(remote('tree'), { 'b.c': 'b', 'd/e.c': 'E', 'd/f.o': 'f' })
    const { stdout } = await run('diff', 'tree', url('tree'), '--exclude', '*.o', '--exclude', 'only')
    expect(stdout).toBe('differs:    d/e.c\n')
    const included = await run('diff', 'tree', url('tree'), '--include', '*.c', '--exclude', '*')
    expect(included.stdout).toBe('differs:    d/e.c\n')
  })

  test('a tree that is missing is no difference but an error', async () => {
    write(local('tree'), { a: 'a' })
    expect(await run('diff', 'tree', url('none'))).toMatchObject({ exitCode: 5, stdout: '' })
    expect(await run('diff', 'none', url(''))).toMatchObject({ exitCode: 5, stdout: '' })
  })
})

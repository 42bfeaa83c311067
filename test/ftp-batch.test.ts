import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'

let scratch: ScratchFolder
let daemon: DaemonProcess
let host: string
beforeAll(async () => {
  scratch = new ScratchFolder()
  mkdirSync(join(scratch.remote, 'my box'))
  for (const name of ['a.txt', 'b.txt', 'c.bin']) writeFileSync(join(scratch.local, name), name)
  daemon = await DaemonProcess.start(scratch.remote)
  host = daemon.label
})
afterAll(async () => {
  await daemon.stop()
  scratch[Symbol.dispose]()
})

const batch = (commands: string, ...more: string[]) =>
  ftp([...more, '-c', commands, daemon.url], { cwd: scratch.local })

describe('several commands', () => {
  test('share a folder and a connection; each is echoed on stderr, answers are on stdout', async () => {
    expect(await batch("cd 'my box'; pwd; cd -; @pwd")).toMatchObject({
      exitCode: 0,
      stdout: '/my box\n/\n',
      stderr: `${host}:/> cd 'my box'\n${host}:/my box> pwd\n${host}:/my box> cd -\n`,
    })
  })

  test('find the root above the root, and the local folder before this one', async () => {
    const end = await batch("cd 'my box'; cd ../..; pwd; ls ..; lcd /; lcd -; lpwd", '-q')
    expect(end).toMatchObject({ exitCode: 0, stderr: '' })
    expect(end.stdout).toMatch(/^\/\n(.*\n)*my box\/\n/)
    expect(end.stdout).toContain(`${scratch.local}\n`)
    expect(await batch('lcd -', '-q')).toMatchObject({
      exitCode: 2,
      stderr: 'ftp: lcd: there was no local folder before this one\n',
    })
  })

  test('stop at the first failure and end with its code', async () => {
    const end = await batch('pwd; cd nope; pwd')
    expect(end).toMatchObject({ exitCode: 5, stdout: '/\n' })
    expect(end.stderr).toContain('ftp: cd: /nope: no such file or folder\n')
  })

  test('go on after one whose failure is ignored, or caught', async () => {
    expect(await batch('-cd nope; cd nope || pwd; cd / && pwd', '-q')).toMatchObject({
      exitCode: 0,
      stdout: '/\n/\n',
    })
  })

  test('may be given in several -c, which run one after the other', async () => {
    const more = ['-q', '-c', 'pwd', '-c', "cd 'my box'; pwd", '-c', 'cd nope', '-c', 'pwd']
    expect(await ftp([...more, daemon.url])).toMatchObject({ exitCode: 5, stdout: '/\n/my box\n' })
  })

  test('leave by exit, with its code', async () => {
    expect(await batch('pwd; exit 42; pwd', '-q')).toMatchObject({ exitCode: 42, stdout: '/\n', stderr: '' })
  })

  test('are refused as a whole line where it does not parse', async () => {
    const end = await batch("pwd; put 'a.txt")
    expect(end).toMatchObject({ exitCode: 2, stdout: '', stderr: "ftp: a ' is not closed\n" })
  })

  test('may come from a pipe', async () => {
    const end = await ftp(['-q', daemon.url], { input: 'cd "my box"\n# a comment\npwd\n\nexit 3\npwd\n' })
    expect(end).toMatchObject({ exitCode: 3, stdout: '/my box\n', stderr: '' })
  })

  test('that come from a pipe leave nothing there for put', async () => {
    const end = await ftp(['-q', daemon.url], { input: 'put - x\n' })
    expect(end).toMatchObject({ exitCode: 2, stdout: '' })
    expect((await ftp(['-q', '-c', 'put - x; get x -', daemon.url], { input: 'piped' })).stdout).toBe('piped')
  })

  test('may open the server themselves', async () => {
    const end = await ftp(['-q'], { input: `open ${daemon.url}/my%20box\npwd\nclose\npwd\n` })
    expect(end).toMatchObject({
      exitCode: 2,
      stdout: '/my box\n',
      stderr: 'ftp: pwd: no server to talk to; open one first: open jftp://host\n',
    })
  })
})

describe('globs', () => {
  test('name local files for put and remote ones for get and rm; quoted they are names', async () => {
    const end = await batch("cd 'my box'; put *.txt; ls; lcd ..; get [ab].t?t; rm *; ls", '-q')
    expect(end).toMatchObject({ exitCode: 0, stderr: '', stdout: 'a.txt\nb.txt\n' })
    expect(readFileSync(join(scratch.path, 'b.txt'), 'utf8')).toBe('b.txt')
    expect(await batch("put '*.txt'")).toMatchObject({ exitCode: 5 })
  })

  test('that match nothing are not found', async () => {
    const end = await batch('get nope*', '-q')
    expect(end).toMatchObject({ exitCode: 5, stderr: 'ftp: get: nope*: nothing matches\n' })
  })
})

describe('a local program', () => {
  test('reads the answers of a command behind |, and decides how it ends', async () => {
    expect(await batch("ls '/my box' / | sort | head -n 1; pwd", '-q')).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    const end = await batch('put a.txt; get a.txt - | tr a-z A-Z; ls | grep -q nothing; pwd', '-q')
    expect(end).toMatchObject({ exitCode: 1, stdout: 'A.TXT', stderr: '' })
    expect(await batch('ls missing | cat', '-q')).toMatchObject({
      exitCode: 5,
      stderr: 'ftp: ls: /missing: no such file or folder\n',
    })
  })

  test('may stop reading before the command is done, and the batch goes on', async () => {
    writeFileSync(join(scratch.local, 'large'), 'line\n'.repeat(500_000))
    const end = await batch('put large; get large - | head -n 1; pwd; rm large', '-q')
    expect(end).toMatchObject({ exitCode: 0, stdout: 'line\n/\n', stderr: '' })
  })

  test('runs behind ! in the local folder, and its exit code counts', async () => {
    const end = await batch('lcd ..\n!pwd; echo "two words" | cat && exit 3\npwd', '-q')
    expect(end).toMatchObject({ exitCode: 3, stdout: `${scratch.path}\ntwo words\n` })
  })

  test('that does not exist is told by the shell', async () => {
    const end = await batch('ls | no-such-program-here', '-q')
    expect(end.exitCode).toBe(127)
    expect(end.stderr).toContain('no-such-program-here')
  })
})

describe('a local file', () => {
  test('is written by > and continued by >>', async () => {
    const end = await batch("ls > list; pwd >> list; cd 'my box' > /dev/null; pwd >>list; !cat list", '-q')
    expect(end).toMatchObject({ exitCode: 0, stderr: '' })
    expect(end.stdout).toMatch(/^(.*\n)*my box\/\n(.*\n)*\/\n\/my box\n$/)
  })

  test("that can't be written is named, and nothing is run", async () => {
    const end = await batch('rm a.txt > /no/such/folder/x', '-q')
    expect(end).toMatchObject({ exitCode: 5, stdout: '' })
    expect(end.stderr).toContain('/no/such/folder/x: ')
  })

  test.skipIf(!existsSync('/dev/full'))('that has no room makes the command fail', async () => {
    const end = await batch('ls > /dev/full', '-q')
    expect(end).toMatchObject({ exitCode: 9, stdout: '' })
    expect(end.stderr).toContain('/dev/full')
  })
})

describe('jobs', () => {
  test('run at once on connections of their own, and are waited for', async () => {
    writeFileSync(join(scratch.local, 'slow'), Buffer.alloc(300_000))
    const end = await batch(
      'put slow --limit-rate 300k & pwd; jobs; wait; stat -q slow | head -n 1; jobs',
      '-q',
    )
    expect(end).toMatchObject({ exitCode: 0, stderr: '' })
    expect(end.stdout).toMatch(/^\/\n\[1\] {2}running {2}put slow --limit-rate 300k\n/)
    expect(statSync(join(scratch.remote, 'slow')).size).toBe(300_000)
  })

  test('keep the folders that they were started in', async () => {
    const end = await batch("lcd ..; lcd -; cd 'my box'; put a.txt -o kept & cd /; wait; ls '/my box'", '-q')
    expect(end).toMatchObject({ exitCode: 0 })
    expect(end.stdout).toContain('kept\n')
  })

  test('that fail decide the exit code, also if nobody waits', async () => {
    const end = await batch('get missing & pwd')
    expect(end).toMatchObject({ exitCode: 5, stdout: '/\n' })
    expect(end.stderr).toContain('ftp: get: /missing: no such file or folder\n')
    expect(await batch('get missing & fg; pwd', '-q')).toMatchObject({
      exitCode: 5,
      stdout: '',
      stderr: 'ftp: get: /missing: no such file or folder\nftp: fg: job 1 has failed: get missing\n',
    })
  })

  test('are stopped by kill', async () => {
    const started = 'put slow --limit-rate 10k &'
    const end = await batch(`${started} kill 1; jobs; !exit 9`, '-q')
    expect(end.stdout).toMatch(/^\[1\] {2}stopped {2}put slow/)
    expect(end.exitCode).toBe(9)
  })

  test('that are not there are not found', async () => {
    expect(await ftp(['jobs'])).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await batch('fg', '-q')).toMatchObject({ exitCode: 5 })
    expect(await batch('kill 7', '-q')).toMatchObject({ exitCode: 5 })
  })
})

describe('a script', () => {
  const write = (name: string, text: string) => writeFileSync(join(scratch.local, name), text)

  test('is run by run and by source, up to its first failure', async () => {
    write('script', '# a comment\n-ls nope\ncd "my box"\n\npwd | tr a-z A-Z; @ls nope && pwd\npwd\n')
    const end = await ftp(['-q', 'run', 'script', '--url', daemon.url], { cwd: scratch.local })
    expect(end).toMatchObject({ exitCode: 5, stdout: '/MY BOX\n' })
    expect(end.stderr).toContain('ftp: source: script: ended with exit code 5\n')
    expect(await batch('-source script; pwd', '-q')).toMatchObject({
      exitCode: 0,
      stdout: '/MY BOX\n/my box\n',
    })
  })

  test('may come from stdin, and exit ends it with its code', async () => {
    const end = await ftp(['-q', 'run', '-', '--url', daemon.url], { input: 'pwd\nexit 3\npwd\n' })
    expect(end).toMatchObject({ exitCode: 3, stdout: '/\n' })
    expect(await ftp(['-q', daemon.url], { input: 'source -\n' })).toMatchObject({ exitCode: 2 })
  })

  test('that is missing is not found, and one that runs itself is stopped', async () => {
    expect(await ftp(['run', '/no/such/script'])).toMatchObject({ exitCode: 5, stdout: '' })
    write('loop', 'source loop\n')
    const end = await ftp(['-q', 'run', 'loop'], { cwd: scratch.local })
    expect(end.exitCode).toBe(2)
    expect(end.stderr).toContain('more than 8 scripts run one another\n')
    expect(end.stderr).not.toContain('Warning')
  })

  test('that comes from stdin leaves nothing there for its commands', async () => {
    const end = await ftp(['-q', 'run', '-', '--url', daemon.url], { input: 'put - from-stdin\n' })
    expect(end).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('commands or a password') })
    expect(existsSync(join(scratch.remote, 'from-stdin'))).toBe(false)
  })

  test('waits for its own jobs and for no others', async () => {
    write('patient', '!for i in $(seq 100); do [ -e on ] && break; sleep 0.05; done\n')
    write('quick', 'pwd &\n')
    const end = await batch('source patient & source quick\njobs\n!touch on\nwait', '-q')
    expect(end).toMatchObject({ exitCode: 0, stdout: '[1]  running  source patient\n' })
  })

  test('may be run by any number of jobs at once', async () => {
    write('patient', '!until [ -e go ]; do sleep 0.05; done\n')
    const jobs = Array.from({ length: 9 }, () => 'source patient &').join(' ')
    const end = await batch(`${jobs} !sleep 1; touch go\nwait`, '-q')
    expect(end).toMatchObject({ exitCode: 0, stderr: '' })
  })
})

test('lmkdir makes local folders', async () => {
  expect(await batch('lmkdir -p new/deep; lcd new/deep; lpwd; -lmkdir .', '-q')).toMatchObject({
    exitCode: 0,
    stdout: `${join(scratch.local, 'new/deep')}\n`,
  })
  expect(await batch('lmkdir a.txt', '-q')).toMatchObject({ exitCode: 7 })
})

test('a server that cannot be reached ends it before the first command', async () => {
  const end = await ftp(['-c', 'version', 'jftp://127.0.0.1:1'])
  expect(end).toMatchObject({ exitCode: 3, stdout: '' })
})

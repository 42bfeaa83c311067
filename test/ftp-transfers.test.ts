import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'

serveScratch()

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const run = (...args: string[]) => ftp(args, { cwd: scratch.local })

describe('a file', () => {
  const content = randomBytes(3_000_001)

  test('goes up and comes back, its md5 shown both times', async () => {
    writeFileSync(local('app.tgz'), content)
    const put = await run('put', 'app.tgz', `${daemon.url}/`)
    expect(put).toMatchObject({ exitCode: 0, stdout: '' })
    expect(put.stderr).toMatch(new RegExp(`^app\\.tgz  2\\.9 MiB  \\S+ \\S+/s  md5 ${md5(content)}\n`))
    expect(put.stderr).toMatch(/\n1 file: 1 sent · 2\.9 MiB in .+ · md5 verified\n$/)
    expect(readFileSync(remote('app.tgz')).equals(content)).toBe(true)

    const get = await run('get', `${daemon.url}/app.tgz`, '-o', 'copy.tgz')
    expect(get).toMatchObject({ exitCode: 0, stdout: '' })
    expect(get.stderr).toContain(`app.tgz  2.9 MiB`)
    expect(get.stderr).toContain(`md5 ${md5(content)}`)
    expect(get.stderr).toMatch(/\n1 file: 1 received · 2\.9 MiB in .+ · md5 verified\n$/)
    expect(readFileSync(local('copy.tgz')).equals(content)).toBe(true)
  })

  test('says nothing at all with -q', async () => {
    expect(await run('-q', 'put', 'app.tgz', `${daemon.url}/`)).toMatchObject({
      stdout: '',
      stderr: '',
      exitCode: 0,
    })
  })

  test('is told of in JSON, one object a line, the last with the totals', async () => {
    const { events, exitCode } = await run('put', 'app.tgz', `${daemon.url}/json.tgz`, '--json')
    expect(exitCode).toBe(0)
    expect(events.filter(({ event }) => event !== 'progress')).toEqual([
      {
        v: 1,
        event: 'transfer',
        path: '/json.tgz',
        local: local('app.tgz'),
        bytes: content.length,
        ms: expect.any(Number),
        digest: { alg: 'md5', hex: md5(content) },
        status: 'sent',
      },
      {
        v: 1,
        event: 'result',
        exitCode: 0,
        sent: 1,
        received: 0,
        skipped: 0,
        unchanged: 0,
        failed: 0,
        bytes: content.length,
        ms: expect.any(Number),
      },
    ])
  })

  test('can be checked with another digest, or not at all', async () => {
    const sha = await run('--digest', 'sha256', 'put', 'app.tgz', `${daemon.url}/sha`)
    expect(sha.stderr).toContain(`sha256 ${createHash('sha256').update(content).digest('hex')}`)
    const bytes = Buffer.from('hello\n')
    writeFileSync(local('hello'), bytes)
    const blake3 = await run('put', '--digest', 'blake3', 'hello', `${daemon.url}/hello`)
    expect(blake3.stderr).toContain('blake3 8e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99')
    const none = await run('--digest', 'none', 'put', 'app.tgz', `${daemon.url}/none`)
    expect(none.stderr).toMatch(/unverified\n.* · unverified\n$/)
  })

  test('is checked with the digest that $FTP_DIGEST names, unless --digest names another', async () => {
    writeFileSync(local('hello'), 'hello\n')
    const env = { FTP_DIGEST: 'xxh128' }
    const put = await ftp(['put', 'hello', `${daemon.url}/hello`], { cwd: scratch.local, env })
    expect(put.stderr).toContain('xxh128 6bba86c7e069f56d5a10b435f1c8e49c')
    const get = await ftp(['get', '--digest', 'md5', `${daemon.url}/hello`], { cwd: scratch.local, env })
    expect(get.stderr).toContain(`md5 ${md5(Buffer.from('hello\n'))}`)
    const wrong = await ftp(['get', `${daemon.url}/hello`], {
      cwd: scratch.local,
      env: { FTP_DIGEST: 'crc32' },
    })
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' })
    expect(wrong.stderr).toContain(
      "ftp: $FTP_DIGEST must be md5, sha256, blake3, xxh128 or none, not 'crc32'",
    )
  })

  test('keeps its time with -p', async () => {
    utimesSync(local('app.tgz'), 1_500_000_000, 1_500_000_000)
    await run('put', '-p', 'app.tgz', `${daemon.url}/old.tgz`)
    expect(statSync(remote('old.tgz')).mtimeMs).toBe(1_500_000_000_000)
  })

  test('may come from stdin and go to stdout', async () => {
    const put = await ftp(['put', '-', `${daemon.url}/piped`], { input: content })
    expect(put).toMatchObject({ exitCode: 0, stdout: '' })
    const get = await run('get', `${daemon.url}/piped`, '-')
    expect(get.bytes.equals(content)).toBe(true)
    expect(get.stderr).toContain(`md5 ${md5(content)}`)
  })

  test('ends in no escape sequence and no carriage return where stderr is no terminal', async () => {
    const { stderr } = await run('put', 'app.tgz', `${daemon.url}/`)
    expect(stderr).not.toMatch(/[\r\x1b]/)
  })
})

describe('where a file goes', () => {
  beforeEach(() => {
    writeFileSync(local('one'), '1')
    writeFileSync(local('two'), '22')
    mkdirSync(remote('box'), { recursive: true })
    mkdirSync(local('box'), { recursive: true })
  })

  test('into a remote folder, whether or not it is written with a slash', async () => {
    await run('put', 'one', `${daemon.url}/box`)
    await run('put', 'two', `${daemon.url}/box/`)
    expect([readFileSync(remote('box/one'), 'utf8'), readFileSync(remote('box/two'), 'utf8')]).toEqual([
      '1',
      '22',
    ])
  })

  test('under the name given, with -o, or into a folder, with -O', async () => {
    await run('--url', daemon.url, 'put', '-o', '/box/three', 'one')
    await run('--url', `${daemon.url}/box`, 'put', 'one', '-o', 'four')
    await run('put', '-O', `${daemon.url}/box`, 'one', 'two')
    expect(readFileSync(remote('box/three'), 'utf8')).toBe('1')
    expect(readFileSync(remote('box/four'), 'utf8')).toBe('1')
  })

  test('into a local folder', async () => {
    const end = await run('get', `${daemon.url}/box/one`, `${daemon.url}/box/two`, 'box')
    expect(end.exitCode).toBe(0)
    expect(end.stderr).toMatch(/^one {2}.*\ntwo {2}.*\n2 files: 2 received · 3 B in .* · md5 verified\n$/)
    expect(readFileSync(local('box/two'), 'utf8')).toBe('22')
    await run('get', `${daemon.url}/box/three`)
    expect(readFileSync(local('three'), 'utf8')).toBe('1')
  })

  test('two names are two files, unless the second is a folder', async () => {
    const at = `${daemon.url}/pair`
    mkdirSync(remote('pair/inside'), { recursive: true })
    const put = await run('--url', at, 'put', 'one', 'two')
    expect(put.stderr).toContain('2 files: 2 sent')
    expect(readFileSync(remote('pair/two'), 'utf8')).toBe('22')
    // What is named second is there already, here and there: nothing may replace it by the first.
    writeFileSync(local('two'), 'mine')
    const get = await run('--url', at, 'get', 'one', 'two')
    expect(get.stderr).toContain('2 files: 2 received')
    expect(readFileSync(local('two'), 'utf8')).toBe('22')

    await run('--url', at, 'put', 'one', 'inside')
    expect(readFileSync(remote('pair/inside/one'), 'utf8')).toBe('1')
    mkdirSync(local('pair'))
    await run('--url', at, 'get', 'one', 'pair')
    expect(readFileSync(local('pair/one'), 'utf8')).toBe('1')
  })

  test('a second name that is not there may have been meant as the new name', async () => {
    const end = await run('--url', daemon.url, 'get', 'box/one', 'not-there')
    expect(end.exitCode).toBe(5)
    expect(end.stderr).toContain('to name the local file write: -o not-there')
  })

  test('a name that is neither a file nor a folder is no name to store it under', async () => {
    const end = await run('--url', `${daemon.url}/box`, 'put', 'one', 'other-name')
    expect(end).toMatchObject({ exitCode: 5, stdout: '' })
    expect(end.stderr).toContain("'other-name'; to name the remote file write: -o other-name")
    expect(existsSync(remote('box/other-name'))).toBe(false)
  })

  test('patterns name files on the side where they come from', async () => {
    mkdirSync(remote('patterns'))
    mkdirSync(local('patterns'))
    writeFileSync(local('[a]'), 'literal')
    writeFileSync(local('a'), 'no match')
    await run('put', '[ot][nw]*', `${daemon.url}/patterns/`)
    expect(readdirSync(remote('patterns')).sort()).toEqual(['one', 'two'])
    // A file of exactly that name is meant, not what the pattern matches.
    await run('put', '[a]', `${daemon.url}/patterns/`)
    expect(readdirSync(remote('patterns')).sort()).toEqual(['[a]', 'one', 'two'])
    writeFileSync(remote('patterns/a'), '')
    await run('get', `${daemon.url}/patterns/[a]`, 'patterns')
    await run('get', `${daemon.url}/patterns/?ne`, 'patterns')
    expect(readdirSync(local('patterns')).sort()).toEqual(['[a]', 'one'])
  })

  test('a name that is not UTF-8 is not passed over in silence', async () => {
    mkdirSync(remote('bytes'))
    writeFileSync(remote('bytes/plain.txt'), 'plain')
    writeFileSync(Buffer.from(`${remote('bytes')}/caf\xe9.txt`, 'latin1'), 'latin')
    for (const pattern of ['*.txt', 'c*']) {
      const end = await run('--url', `${daemon.url}/bytes`, 'mget', pattern)
      expect(end.exitCode).toBe(5)
      expect(end.stderr).toContain("caf\ufffd.txt: the name is not UTF-8, so it can't be asked for")
    }
    expect(readFileSync(local('plain.txt'), 'utf8')).toBe('plain')
  })

  test('a local name that is not UTF-8 is not passed over in silence either', async () => {
    mkdirSync(local('bytes'))
    writeFileSync(local('bytes/plain.txt'), 'plain')
    writeFileSync(Buffer.from(`${local('bytes')}/caf\xe9.txt`, 'latin1'), 'latin')
    const end = await run('mput', 'bytes/*.txt', `${daemon.url}/box/`)
    expect(end.exitCode).toBe(5)
    expect(end.stderr).toContain("bytes/caf\ufffd.txt: the name is not UTF-8, so it can't be sent")
    expect(readFileSync(remote('box/plain.txt'), 'utf8')).toBe('plain')
  })

  test('a FIFO or a device is refused at once', async () => {
    execFileSync('mkfifo', [local('fifo')])
    for (const path of [local('fifo'), '/dev/zero']) {
      const end = await run('put', path, `${daemon.url}/`)
      expect(end.exitCode).toBe(2)
      expect(end.stderr).toContain('store its content with: put - NAME < FILE')
    }
  })

  test('what is there already is treated as asked', async () => {
    writeFileSync(remote('box/one'), 'old')
    const skip = await run('--on-exists', 'skip', 'put', 'one', `${daemon.url}/box/`)
    expect(skip).toMatchObject({
      exitCode: 0,
      stderr: 'one  skipped: the name is taken\n1 file: 1 skipped\n',
    })
    expect((await run('--on-exists', 'fail', 'put', 'one', `${daemon.url}/box/`)).exitCode).toBe(7)
    expect(readFileSync(remote('box/one'), 'utf8')).toBe('old')
    const renamed = await run('--on-exists', 'rename', 'put', 'one', `${daemon.url}/box/`)
    expect(renamed.stderr).toMatch(/^one → one\.new {2}1 B/)
    const received = await run('--on-exists', 'rename', 'get', `${daemon.url}/box/one`)
    expect(received.stderr).toMatch(/^one → one\.new {2}3 B/)
    expect(readFileSync(local('one.new'), 'utf8')).toBe('old')
    expect(readFileSync(remote('box/one'), 'utf8')).toBe('old')
    expect(readFileSync(remote('box/one.new'), 'utf8')).toBe('1')
  })
})

describe('any name', () => {
  const names = [
    'with spaces',
    `it's "quoted"`,
    'new\nline',
    'tab\tand \x1b[31mescape',
    'ünïcödé 日本語 🎉',
    'n'.repeat(255),
    '-rf',
    '*?[x]',
    '%41 # ? &',
    '.hidden',
  ].sort()

  test('goes there, is listed and comes back', async () => {
    mkdirSync(local('names'))
    mkdirSync(remote('names'))
    mkdirSync(local('back'))
    for (const name of names) writeFileSync(join(local('names'), name), name)
    const at = { cwd: local('names'), env: { FTP_URL: `${daemon.url}/names` } }

    expect((await ftp(['mput', '--', ...names], at)).exitCode).toBe(0)
    expect(readdirSync(remote('names')).sort()).toEqual(names)

    const { events } = await ftp(['ls', '-a', '--json'], at)
    expect(events.flatMap(({ event, name }) => (event === 'entry' ? [name] : [])).sort()).toEqual(names)

    const { stdout } = await ftp(['ls', '-a'], at)
    expect(stdout.split('\n')).toHaveLength(names.length + 1)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)

    expect((await ftp(['get', '-O', '../back', '--', ...names], at)).exitCode).toBe(0)
    for (const name of names) expect(readFileSync(join(local('back'), name), 'utf8')).toBe(name)

    expect((await ftp(['rm', '--', ...names], at)).exitCode).toBe(0)
    expect(readdirSync(remote('names'))).toEqual([])
  })
})

describe('two files of one name for one folder', () => {
  const twice = () => {
    for (const folder of ['first', 'second']) {
      for (const side of [local, remote]) {
        mkdirSync(side(folder), { recursive: true })
        writeFileSync(side(`${folder}/same`), folder)
      }
    }
    for (const side of [local, remote]) {
      rmSync(side('into'), { recursive: true, force: true })
      mkdirSync(side('into'))
    }
  }
  const put = (...flags: string[]) =>
    run('--url', daemon.url, 'put', 'first/same', 'second/same', '/into/', ...flags)
  const get = (...flags: string[]) =>
    run('--url', daemon.url, 'get', 'first/same', 'second/same', 'into/', ...flags)

  test.each([
    [put, [], remote],
    [put, ['-r'], remote],
    [get, [], local],
    [get, ['-r'], local],
  ] as const)('are refused before anything moves', async (move, flags, target) => {
    twice()
    const end = await move(...flags)
    expect(end.exitCode).toBe(2)
    expect(end.stderr).toMatch(
      /^ftp: (?:put|get): \/\S*first\/same and \/\S*second\/same would both be stored as same; /,
    )
    expect(readdirSync(target('into'))).toEqual([])
  })

  test.each([
    [put, remote],
    [get, local],
  ] as const)('are both kept with --on-exists rename', async (move, target) => {
    twice()
    expect(await move('--on-exists', 'rename')).toMatchObject({ exitCode: 0 })
    const contents = readdirSync(target('into')).map((name) =>
      readFileSync(target(join('into', name)), 'utf8'),
    )
    expect(contents.sort()).toEqual(['first', 'second'])
  })

  test('one that is named twice is no matter', async () => {
    twice()
    const end = await run('--url', daemon.url, 'get', 'first/same', 'first/same', 'into/')
    expect(end).toMatchObject({ exitCode: 0 })
  })
})

import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { cannotLink, LinkedNamespaces } from './linked-namespaces.js'
import { cannotMount, mountedFolder } from './mounted-folder.js'
import { OneOffCommand } from './one-off-command.js'
import { bytesOf } from './random.js'
import { tempFolder } from './temp-folder.js'
import { hasTerminal, Terminal } from './terminal.js'

const LOOPBACK = ['--host', '127.0.0.1']

let folder: ReturnType<typeof tempFolder>
/** Of the one who runs `ftp share` or `ftp receive`. */
let here: string
/** Of the one who pastes the command. */
let there: string
beforeEach(() => {
  folder = tempFolder()
  here = join(folder.path, 'here')
  there = join(folder.path, 'there')
  mkdirSync(here)
  mkdirSync(there)
})
afterEach(() => folder[Symbol.dispose]())

const start = (args: readonly string[], command: readonly string[] = []) =>
  OneOffCommand.start(args, { scratch: folder.path, cwd: here, command })

/** Resolves when nobody listens there any more. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (!isOpen) return
    await wait(20)
  }
}

/** A name that ends lines for some readers, and that a terminal would obey. */
const NASTY = 'a\u2028b\x1b]0;owned\x07\r\nc\x9b31m\u202ed'

test.each(['share', 'receive'])(
  'ftp %s shows a name that a terminal would obey as escapes',
  async (command) => {
    const [from, to] = command === 'share' ? [here, there] : [there, here]
    writeFileSync(join(from, NASTY), 'content')
    const args = command === 'share' ? ['share', ...LOOPBACK, '--', NASTY] : ['receive', ...LOOPBACK]
    await using oneOff = await start(args)
    const given = (line: string) =>
      command === 'share' ? line : line.replace('FILE', `'${NASTY}'`).replace('put', 'put -v')
    const pasted = await oneOff.paste(there, given)
    expect([pasted.exitCode, await oneOff.ended()]).toEqual([0, 0])
    expect(readdirSync(to).filter((name) => !name.startsWith('.'))).toEqual([NASTY])
    for (const text of [oneOff.stderr, pasted.stderr, pasted.stdout]) {
      expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]/)
    }
    expect(oneOff.stderr).toContain('a\\u2028b\\e]0;owned\\x07\\r\\nc\\x9b31m\\u202ed')
  },
)

describe('ftp share', () => {
  test.each(['plain', "it's $HOME; `x` & (a) *.txt", 'ü 🙂 #1?', '-r'])(
    'the printed line fetches the file %j once, and then nobody listens any more',
    async (name) => {
      const content = bytesOf(300_000, 1)
      writeFileSync(join(here, name), content)
      await using sharing = await start(['share', ...LOOPBACK, '--', name])
      const pasted = await sharing.paste(there)
      expect(pasted.stderr).toContain('1 file: 1 received')
      expect(pasted.exitCode).toBe(0)
      expect(readFileSync(join(there, name)).equals(content)).toBe(true)
      expect(await sharing.ended()).toBe(0)
      expect(sharing.stderr).toContain('1 file: 1 sent')
      // Whoever takes stdout has the command and nothing else.
      expect(sharing.stdout).toBe(`${sharing.command}\n`)
      expect(sharing.leftovers).toEqual([])
      const again = await sharing.paste(there)
      expect([again.exitCode, again.stderr]).toEqual([3, expect.stringContaining('connection refused')])
    },
  )

  test('several files and a folder are fetched, and nothing else can be seen', async () => {
    mkdirSync(join(here, 'box', 'sub'), { recursive: true })
    mkdirSync(join(here, 'empty'))
    writeFileSync(join(here, 'a'), 'A')
    writeFileSync(join(here, 'box', 'b'), 'B')
    writeFileSync(join(here, 'box', 'sub', 'c'), 'C')
    writeFileSync(join(here, 'secret'), 'S')
    symlinkSync('../secret', join(here, 'box', 'leak'))
    symlinkSync(join(here, 'secret'), join(here, 'box', 'leak2'))
    symlinkSync('a', join(here, 'link'))
    await using sharing = await start(['share', ...LOOPBACK, 'box', 'empty', 'link'])
    expect(sharing.stderr).toContain('sharing 3 files')
    const look = (command: string) => sharing.paste(there, (line) => line.replace(/get -r/, command))
    const listed = await look('ls -a')
    expect(listed.stdout.split('\n').filter(Boolean).sort()).toEqual(['a', 'box/', 'empty/'])
    for (const path of ['secret', 'box/leak', 'box/leak2', 'box/../secret', '../secret', '.jftp']) {
      const read = await sharing.paste(there, (line) => `${line.replace('get -r', 'cat')}${path}`)
      expect([path, read.stdout, [2, 5, 6].includes(read.exitCode ?? 0)]).toEqual([path, '', true])
    }
    writeFileSync(join(there, 'new'), 'new')
    for (const change of ['rm URLa', 'chmod 600 URLa', 'touch URLa', 'put new URLnew', 'mkdir URLbox/new']) {
      const changed = await sharing.paste(there, (line) => {
        const [command = '', ...args] = change.replace('URL', sharing.url).split(' ')
        return line.replace('get -r', command).replace(sharing.url, args.join(' '))
      })
      expect([change, changed.exitCode, changed.stderr]).toEqual([
        change,
        6,
        expect.stringContaining('what is shared can only be read'),
      ])
    }
    rmSync(join(there, 'new'))
    await sharing.paste(there)
    expect(readdirSync(there, { recursive: true }).sort()).toEqual(
      ['a', 'box', 'box/b', 'box/sub', 'box/sub/c', 'empty'].sort(),
    )
    expect(await sharing.ended()).toBe(0)
    expect(readFileSync(join(here, 'a'), 'utf8')).toBe('A')
    expect(readdirSync(here).sort()).toEqual(['a', 'box', 'empty', 'link', 'secret'])
  })

  test('a wrong token and a wrong pin get nothing, and the right ones still do', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', ...LOOPBACK, 'a'])
    const last = sharing.token.at(-1) === 'A' ? 'B' : 'A'
    const wrongToken = await sharing.paste(there, (line) =>
      line.replace(sharing.token, sharing.token.slice(0, -1) + last),
    )
    expect([wrongToken.exitCode, wrongToken.stderr]).toEqual([4, expect.stringContaining('token')])
    expect(sharing.stderr).toContain('127.0.0.1 was turned away')
    const wrongPin = await sharing.paste(there, (line) => line.replace(/sha256:\w{4}/, 'sha256:0000'))
    expect(wrongPin.exitCode).toBe(11)
    const noToken = await sharing.paste(there, (line) => line.replace(/^\S+ /, ''))
    expect(noToken.exitCode).toBe(4)
    expect(readdirSync(there)).toEqual([])
    expect((await sharing.paste(there)).exitCode).toBe(0)
    expect(await sharing.ended()).toBe(0)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with %d, and nothing is left', async (signal, exitCode) => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', ...LOOPBACK, 'a'])
    sharing.child.kill(signal)
    expect(await sharing.ended()).toBe(exitCode)
    expect(sharing.stderr).toContain('cancelled before everything was fetched')
    await untilRefused(sharing.port)
    expect(sharing.leftovers).toEqual([])
  })

  test('if it is killed, nobody listens any more, and nothing is left', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', ...LOOPBACK, 'a'])
    sharing.child.kill('SIGKILL')
    await sharing.ended()
    await untilRefused(sharing.port)
    expect(sharing.leftovers).toEqual([])
  })

  test('it ends after the time limit with 3 if nobody has begun', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', ...LOOPBACK, '--time-limit', '100ms', 'a'])
    expect(await sharing.ended()).toBe(3)
    expect(sharing.stderr).toContain('the time limit of 100ms was over before everything was fetched')
    await untilRefused(sharing.port)
  })

  test('the time limit is told with its unit', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', ...LOOPBACK, '--time-limit', '90', 'a'])
    await sharing.until(() => sharing.stderr.includes('ends after 90s if nobody has begun'))
  })

  test('a download that has begun is finished after the time limit, and one that was cut is continued', async () => {
    const content = bytesOf(12_000_000, 2)
    writeFileSync(join(here, 'large'), content)
    await using sharing = await start(['share', ...LOOPBACK, '--time-limit', '1h', 'large'])
    const slow = (line: string) =>
      line.replace(' jftp ', ' exec jftp ').replace('get ', 'get --limit-rate 2M ')
    const cut = sharing.pasting(there, slow)
    await sharing.until(() => sharing.stderr.includes('has connected'))
    await wait(500)
    cut.kill('SIGKILL')
    await sharing.until(() => /nobody has fetched 1 file yet/.test(sharing.stderr))
    const pasted = await sharing.paste(there, (line) => line.replace('get ', 'get -c '))
    expect(pasted).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(there, 'large')).equals(content)).toBe(true)
    expect(await sharing.ended()).toBe(0)
  })

  test('a file fetched over several connections counts once it is whole', async () => {
    const content = bytesOf(20_000_000, 3)
    writeFileSync(join(here, 'large'), content)
    await using sharing = await start(['share', ...LOOPBACK, 'large'])
    const pasted = await sharing.paste(there, (line) => line.replace('get ', 'get --segments 3 '))
    expect(pasted).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(there, 'large')).equals(content)).toBe(true)
    expect(await sharing.ended()).toBe(0)
  })

  test('a file that has changed is fetched as it is now, and one that was removed is not waited for', async () => {
    for (const name of ['kept', 'changed', 'removed']) writeFileSync(join(here, name), name)
    await using sharing = await start(['share', ...LOOPBACK, 'kept', 'changed', 'removed'])
    appendFileSync(join(here, 'changed'), ' since')
    rmSync(join(here, 'removed'))
    expect(await sharing.paste(there)).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(there, 'changed'), 'utf8')).toBe('changed since')
    expect(readdirSync(there).sort()).toEqual(['changed', 'kept'])
    expect(await sharing.ended()).toBe(0)
    expect(sharing.stderr).toContain('3 files: 2 sent, 1 not tried')
  })

  test('a file is not waited for if its folder was replaced by a file', async () => {
    mkdirSync(join(here, 'box', 'sub'), { recursive: true })
    writeFileSync(join(here, 'box', 'a'), 'A')
    writeFileSync(join(here, 'box', 'sub', 'b'), 'B')
    await using sharing = await start(['share', ...LOOPBACK, 'box'])
    rmSync(join(here, 'box', 'sub'), { recursive: true })
    writeFileSync(join(here, 'box', 'sub'), 'a file now')
    expect(await sharing.paste(there)).toMatchObject({ exitCode: 0 })
    expect(await sharing.ended()).toBe(0)
    expect(sharing.stderr).toContain('2 files: 1 sent, 1 not tried')
  })

  test('a file counts when its rest was fetched because the other side had its beginning', async () => {
    const content = bytesOf(12_000_000, 5)
    writeFileSync(join(here, 'a'), content)
    writeFileSync(join(there, 'a'), content.subarray(0, 5_000_000))
    await using sharing = await start(['share', ...LOOPBACK, 'a'])
    const pasted = await sharing.paste(there, (line) => line.replace('get ', 'get -c '))
    expect(pasted).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(there, 'a')).equals(content)).toBe(true)
    await sharing.until(() => sharing.stderr.includes('has left'))
    expect(sharing.stderr).not.toContain('nobody has fetched')
    expect(await sharing.ended()).toBe(0)
  })

  test('--json prints the offer, the transfers and the result', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', '--json', ...LOOPBACK, 'a'])
    const offer = JSON.parse(sharing.command) as Record<string, string>
    expect(offer).toEqual({
      ...{ v: 1, event: 'offer', type: 'share' },
      command: `FTP_TOKEN=${offer['token']} jftp get --pin ${offer['pin']} ${offer['url']}`,
      url: expect.stringMatching(/^jftps:\/\/share@127\.0\.0\.1:\d+\/a$/) as string,
      token: expect.stringMatching(/^jftp_/) as string,
      pin: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      until: expect.any(Number) as number,
    })
    expect(await sharing.paste(there, () => offer['command'] ?? '')).toMatchObject({ exitCode: 0 })
    expect(await sharing.ended()).toBe(0)
    const events = sharing.stdout.trim().split('\n').slice(1)
    expect(events.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ event: 'transfer', path: '/a', bytes: 1, status: 'sent' }),
      expect.objectContaining({ event: 'result', exitCode: 0, sent: 1 }),
    ])
  })

  test('--qr shows a code on stderr', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', ...LOOPBACK, '--qr', 'a'])
    await sharing.until(() => /█\n▀+\n/.test(sharing.stderr))
    // Two of the three squares that a camera looks for.
    expect(sharing.stderr).toMatch(/██ ▄▄▄▄▄ █.*█ ▄▄▄▄▄ ██/)
    expect(sharing.stdout).toBe(`${sharing.command}\n`)
  })

  test.each([
    [['missing'], 5, 'missing'],
    [['empty'], 2, 'there is no file'],
    [['a', 'box/a'], 2, 'have the same name'],
    [['/'], 2, 'is a whole disk'],
    [['--port', 'x', 'a'], 2, '--port is a number'],
    [['--time-limit', 'x', 'a'], 2, '--time-limit must be a time'],
    [['--host', 'none.invalid', 'a'], 2, 'none.invalid'],
    [['--host', '192.0.2.77', 'a'], 1, 'is no address of this machine'],
  ])('%j is refused', async (args, exitCode, message) => {
    mkdirSync(join(here, 'empty'))
    mkdirSync(join(here, 'box'))
    writeFileSync(join(here, 'a'), 'A')
    writeFileSync(join(here, 'box', 'a'), 'other')
    const where = args.includes('--host') ? [] : LOOPBACK
    const end = await ftp(['share', ...where, ...args], { cwd: here })
    expect([end.exitCode, end.stdout]).toEqual([exitCode, ''])
    expect(end.stderr).toContain(message)
    expect(end.stderr.trim().split('\n')).toHaveLength(1)
  })

  test('a port that is taken is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    writeFileSync(join(here, 'a'), 'A')
    const port = String((server.address() as AddressInfo).port)
    const end = await ftp(['share', ...LOOPBACK, '--port', port, 'a'], { cwd: here })
    expect([end.exitCode, end.stderr]).toEqual([1, expect.stringContaining('is in use')])
  })

  test.skipIf(!hasTerminal)('in the shell Ctrl-C ends it and comes back to the prompt', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using terminal = new Terminal([], { cwd: here })
    await terminal.sees('> ')
    terminal.type(`share ${LOOPBACK.join(' ')} a\r`)
    await terminal.sees('FTP_TOKEN=jftp_')
    await terminal.sees('share@127.0.0.1')
    terminal.type('\x03')
    await terminal.sees('cancelled before everything was fetched')
    terminal.type('lpwd\r')
    await terminal.sees(here)
    terminal.type('exit\r')
    expect(await terminal.ended()).toBe(0)
  })
})

describe('ftp receive', () => {
  const put = (names: string) => (line: string) => line.replace(/FILE$/, names)

  test('files and folders are stored, and when the sender has left nobody listens any more', async () => {
    mkdirSync(join(there, 'box', 'sub'), { recursive: true })
    writeFileSync(join(there, 'box', 'sub', 'b'), 'B')
    const content = bytesOf(3_000_000, 4)
    writeFileSync(join(there, 'my file'), content)
    const inbox = join(here, 'inbox')
    mkdirSync(inbox)
    await using receiving = await start(['receive', ...LOOPBACK, 'inbox'])
    const pasted = await receiving.paste(there, put("box 'my file'"))
    expect(pasted).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('2 files: 2 sent') as string,
    })
    expect(await receiving.ended()).toBe(0)
    expect(receiving.stderr).toContain('2 files: 2 received')
    expect(readdirSync(inbox, { recursive: true }).sort()).toEqual(['box', 'box/sub', 'box/sub/b', 'my file'])
    expect(readFileSync(join(inbox, 'my file')).equals(content)).toBe(true)
    expect(receiving.leftovers).toEqual([])
    expect(await receiving.paste(there, put('box'))).toMatchObject({ exitCode: 3 })
  })

  test('what is there can be neither seen nor changed, and after a refusal it still waits', async () => {
    writeFileSync(join(here, 'taken'), 'mine')
    writeFileSync(join(there, 'taken'), 'yours')
    await using receiving = await start(['receive', ...LOOPBACK])
    for (const command of ['ls', 'cat', 'rm', 'rm -r -f', 'find', 'md5']) {
      const looked = await receiving.paste(there, (line) =>
        line.replace('put -r', command).replace(/-O (\S+) FILE/, '$1taken'),
      )
      expect([command, looked.exitCode, looked.stdout]).toEqual([command, 6, ''])
    }
    const refused = await receiving.paste(there, put('taken'))
    expect([refused.exitCode, refused.stderr]).toEqual([
      6,
      expect.stringContaining('receive has no permission to overwrite here'),
    ])
    const renamed = (line: string) => put('taken')(line).replace('put', 'put --on-exists rename')
    expect(await receiving.paste(there, renamed)).toMatchObject({ exitCode: 0 })
    expect(await receiving.ended()).toBe(0)
    expect(readFileSync(join(here, 'taken'), 'utf8')).toBe('mine')
    expect(readFileSync(join(here, 'taken.new'), 'utf8')).toBe('yours')
    expect(readdirSync(here).sort()).toEqual(['taken', 'taken.new'])
  })

  test('a sender who is cut off can come back, and nothing half-written is left', async () => {
    const content = bytesOf(12_000_000, 5)
    writeFileSync(join(there, 'large'), content)
    await using receiving = await start(['receive', ...LOOPBACK])
    const slow = (line: string) =>
      put('large')(line).replace(' jftp ', ' exec jftp ').replace('put ', 'put --limit-rate 3M ')
    const cut = receiving.pasting(there, slow)
    await receiving.until(() => receiving.stderr.includes('has connected'))
    await wait(1500)
    cut.kill('SIGKILL')
    await receiving.until(() => receiving.stderr.includes('has left'))
    expect(existsSync(join(here, 'large'))).toBe(false)
    expect(await receiving.paste(there, put('large'))).toMatchObject({ exitCode: 0 })
    expect(await receiving.ended()).toBe(0)
    expect(readFileSync(join(here, 'large')).equals(content)).toBe(true)
    expect(readdirSync(here)).toEqual(['large'])
  })

  test('Ctrl-C in the middle of an upload leaves nothing', async () => {
    writeFileSync(join(there, 'large'), bytesOf(12_000_000, 6))
    await using receiving = await start(['receive', ...LOOPBACK])
    const slow = (line: string) => put('large')(line).replace('put ', 'put --retries 0 --limit-rate 3M ')
    const pasted = receiving.paste(there, slow)
    await receiving.until(() => receiving.stderr.includes('has connected'))
    await wait(1500)
    receiving.child.kill('SIGINT')
    expect(await receiving.ended()).toBe(130)
    expect((await pasted).exitCode).toBe(3)
    await untilRefused(receiving.port)
    expect(readdirSync(here)).toEqual([])
    expect(receiving.leftovers).toEqual([])
  })

  test.skipIf(cannotMount !== undefined)(
    'a full disk refuses a file, and a smaller one is taken',
    async () => {
      const inbox = join(here, 'inbox')
      using _mounted = mountedFolder(inbox, 'size=4m')
      writeFileSync(join(there, 'large'), bytesOf(6_000_000, 7))
      writeFileSync(join(there, 'small'), 'small')
      await using receiving = await start(['receive', ...LOOPBACK, 'inbox'])
      expect(await receiving.paste(there, put('large'))).toMatchObject({ exitCode: 9 })
      expect(await receiving.paste(there, (line) => put('small')(line).replace('-r ', ''))).toMatchObject({
        exitCode: 0,
      })
      receiving.child.kill('SIGINT')
      await receiving.ended()
      expect(readdirSync(inbox)).toEqual(['small'])
    },
  )

  test('--json prints the offer, the transfers with their local paths, and the result', async () => {
    writeFileSync(join(there, 'a'), 'A')
    await using receiving = await start(['receive', '--json', ...LOOPBACK])
    const { command = '' } = JSON.parse(receiving.command) as { command?: string }
    expect(await receiving.paste(there, () => put('a')(command))).toMatchObject({ exitCode: 0 })
    expect(await receiving.ended()).toBe(0)
    const events = receiving.stdout.trim().split('\n').slice(1)
    expect(events.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ event: 'transfer', path: '/a', local: join(here, 'a'), status: 'received' }),
      expect.objectContaining({ event: 'result', exitCode: 0, received: 1 }),
    ])
  })

  test.each([
    ['missing', 5],
    ['file', 2],
  ])('%s is no folder to receive into', async (name, exitCode) => {
    writeFileSync(join(here, 'file'), '')
    expect(await ftp(['receive', ...LOOPBACK, name], { cwd: here })).toMatchObject({ exitCode, stdout: '' })
  })
})

describe.skipIf(cannotLink !== undefined)('between two machines', () => {
  let linked: LinkedNamespaces
  beforeEach(() => {
    linked = new LinkedNamespaces()
  })
  afterEach(() => linked[Symbol.dispose]())

  test('the address that others reach is printed, and the line works there', async () => {
    const content = bytesOf(2_000_000, 8)
    writeFileSync(join(here, 'a'), content)
    await using sharing = await start(['share', 'a'], linked.onServer)
    expect(sharing.url).toMatch(`jftps://share@${linked.serverAddress}:`)
    expect(await sharing.paste(there, undefined, linked.onClient)).toMatchObject({ exitCode: 0 })
    expect(await sharing.ended()).toBe(0)
    expect(readFileSync(join(there, 'a')).equals(content)).toBe(true)

    await using receiving = await start(['receive'], linked.onServer)
    const put = (line: string) => line.replace(/FILE$/, 'b')
    writeFileSync(join(there, 'b'), content)
    expect(await receiving.paste(there, put, linked.onClient)).toMatchObject({ exitCode: 0 })
    expect(await receiving.ended()).toBe(0)
    expect(readFileSync(join(here, 'b')).equals(content)).toBe(true)
  })

  test('the port is printed although it is the default of another scheme', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(['share', '--port', '80', 'a'], linked.onServer)
    expect(sharing.url).toBe(`jftps://share@${linked.serverAddress}:80/a`)
    expect(await sharing.paste(there, undefined, linked.onClient)).toMatchObject({ exitCode: 0 })
    expect(await sharing.ended()).toBe(0)
  })

  test('a machine without a network says that only itself can connect', async () => {
    writeFileSync(join(here, 'a'), 'A')
    await using sharing = await start(
      ['share', 'a'],
      ['unshare', '-n', 'sh', '-c', 'ip link set lo up; exec "$@"', 'x'],
    )
    expect(sharing.url).toMatch('share@127.0.0.1:')
    expect(sharing.stderr).toContain('only this machine can reach it')
  })
})

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeJsonFrame, FrameType } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'
import { DaemonProcess } from './daemon.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasTmux, Tmux } from './tmux.js'

const MIB = 1024 ** 2

// Without tmux there is no screen to look at.
describe.skipIf(!hasTmux)('what a person sees on the screen of the shell', () => {
  let scratch: ScratchFolder
  let daemon: DaemonProcess
  let tmux: Tmux
  beforeEach(async () => {
    scratch = new ScratchFolder()
    mkdirSync(join(scratch.remote, 'releases'))
    writeFileSync(join(scratch.remote, 'releases/app-1.0.tgz'), 'one')
    writeFileSync(join(scratch.remote, 'releases/app-1.1.tgz'), 'two')
    daemon = await DaemonProcess.start(scratch.remote)
    tmux = await Tmux.start(scratch, daemon)
  })
  afterEach(async () => {
    await tmux[Symbol.asyncDispose]()
    await daemon.stop('SIGKILL')
    scratch[Symbol.dispose]()
  })

  /** Connects to another server, and clears the screen. */
  async function open({ url }: HostileServer): Promise<void> {
    await tmux.enter(`open ${url}`)
    await tmux.sees(/> open .*\n\S+:\/>$/)
    await tmux.press('C-l')
  }

  test('Tab completes as far as it is clear, and a second Tab lists what there is', async () => {
    await tmux.type('cd rel')
    await tmux.press('Tab')
    await tmux.shows('HOST:/> cd releases/')
    await tmux.press('Enter')
    await tmux.shows('HOST:/> cd releases/', 'HOST:/releases>')
    await tmux.type('cat a')
    await tmux.press('Tab')
    await tmux.shows('HOST:/> cd releases/', 'HOST:/releases> cat app-1.')
    await tmux.press('Tab')
    await tmux.shows(
      'HOST:/> cd releases/',
      'HOST:/releases> cat app-1.',
      'app-1.0.tgz   app-1.1.tgz',
      '',
      'HOST:/releases> cat app-1.',
    )
    await tmux.type('1')
    await tmux.press('Tab')
    await tmux.shows(
      'HOST:/> cd releases/',
      'HOST:/releases> cat app-1.',
      'app-1.0.tgz   app-1.1.tgz',
      '',
      'HOST:/releases> cat app-1.1.tgz',
    )
    await tmux.press('Enter')
    await tmux.shows(
      'HOST:/> cd releases/',
      'HOST:/releases> cat app-1.',
      'app-1.0.tgz   app-1.1.tgz',
      '',
      'HOST:/releases> cat app-1.1.tgz',
      'two',
      'HOST:/releases>',
    )
  })

  test('two Tabs that arrive at once complete, and leave no tab in the line', async () => {
    await tmux.type('cd rel')
    await tmux.press('Tab', 'Tab')
    await tmux.shows('HOST:/> cd releases/')
    await tmux.press('Enter')
    await tmux.shows('HOST:/> cd releases/', 'HOST:/releases>')
  })

  test('keys that arrive together with a Tab wait until it has completed', async () => {
    await tmux.type('cd rel\t\rcat app-1.0\t\rpwd\r')
    const done = [
      'HOST:/> cd releases/',
      'HOST:/releases> cat app-1.0.tgz',
      'one',
      'HOST:/releases> pwd',
      '/releases',
    ]
    await tmux.shows(...done, 'HOST:/releases>')
    await tmux.type('nonsense app-1\t\x03pwd\tx\x15lpw')
    await tmux.shows(...done, 'HOST:/releases> nonsense app-1^C', 'HOST:/releases> lpw')
  })

  test('Ctrl-C that arrives together with Enter ends what Enter has started, and drops the lines between', async () => {
    await tmux.type('!sleep 1000\rpwd\r\x03lpw')
    await tmux.sees(/^\S+:\/> !sleep 1000\n\S+:\/> lpw$/)
    await tmux.press('C-u')
    await tmux.press('C-l')
    writeFile(scratch, 'app.iso', 30 * MIB)
    await tmux.type('put app.iso --limit-rate 100k\r\x03pwd\r')
    await tmux.sees(/^\S+:\/> put .*\nput: .*cancelled.*\n\S+:\/> pwd\n\/\n\S+:\/>$/)
  })

  test('text that arrives together goes where the cursor is', async () => {
    await tmux.type('cat app')
    await tmux.press('C-Left')
    await tmux.type('releases/')
    await tmux.press('C-e')
    await tmux.type('-1.1.tgz')
    await tmux.press('Enter')
    await tmux.shows('HOST:/> cat releases/app-1.1.tgz', 'two', 'HOST:/>')
  })

  test('Ctrl-C ends the wait for names that the server does not send, and drops what was typed after Tab', async () => {
    await using silent = await HostileServer.start({})
    await open(silent)
    await tmux.type('cat a\tb\rpwd\r')
    await tmux.sees(/^\S+:\/> cat a$/)
    await expect
      .poll(() => silent.heard.some((said) => said.startsWith('ls')), { timeout: 60_000 })
      .toBe(true)
    await tmux.press('C-c')
    await tmux.type('lpwd\r')
    await tmux.sees(/^\S+:\/> cat a\^C\n\S+:\/> lpwd\n\/\S+\n\S+:\/>$/)
  })

  describe('Ctrl-R searches the lines before', () => {
    const before = [
      'HOST:/> ls releases/app-1.0.tgz',
      'releases/app-1.0.tgz',
      'HOST:/> ls -1 releases',
      'app-1.0.tgz',
      'app-1.1.tgz',
      'HOST:/> pwd',
      '/',
    ]
    const shows = (...rows: string[]) => tmux.shows(...before, ...rows)
    beforeEach(async () => {
      await tmux.enter('ls releases/app-1.0.tgz')
      await tmux.enter('ls -1 releases')
      await tmux.enter('pwd')
      await shows('HOST:/>')
    })

    test('each key narrows, Backspace widens, Ctrl-R goes to older ones and Ctrl-S back', async () => {
      await tmux.press('C-r')
      await shows("(reverse-i-search)'':")
      await tmux.type('re')
      await shows("(reverse-i-search)'re': ls -1 releases")
      await tmux.press('C-r')
      await shows("(reverse-i-search)'re': ls releases/app-1.0.tgz")
      await tmux.press('C-r')
      await shows("(failed reverse-i-search)'re': ls releases/app-1.0.tgz")
      await tmux.press('C-s')
      await shows("(i-search)'re': ls -1 releases")
      await tmux.press('C-r')
      await tmux.type('leases/')
      await shows("(reverse-i-search)'releases/': ls releases/app-1.0.tgz")
      await tmux.type('x')
      await shows("(failed reverse-i-search)'releases/x': ls releases/app-1.0.tgz")
      await tmux.press('BSpace')
      await shows("(reverse-i-search)'releases/': ls releases/app-1.0.tgz")
      await tmux.press('Enter')
      await shows('HOST:/> ls releases/app-1.0.tgz', 'releases/app-1.0.tgz', 'HOST:/>')
      // As long as nothing was typed, Ctrl-R looks for the text of the last search.
      await tmux.press('C-r', 'C-r', 'C-c')
      await shows('HOST:/> ls releases/app-1.0.tgz', 'releases/app-1.0.tgz', 'HOST:/>')
      await tmux.press('C-r', 'C-r')
      await shows(
        'HOST:/> ls releases/app-1.0.tgz',
        'releases/app-1.0.tgz',
        "(reverse-i-search)'releases/': ls releases/app-1.0.tgz",
      )
    })

    test('Ctrl-G and Ctrl-C give back the line as it was, with the cursor where it was', async () => {
      for (const key of ['C-g', 'C-c']) {
        await tmux.type('put b')
        await tmux.press('Left')
        await tmux.press('C-r')
        await shows("(reverse-i-search)'': put b")
        await tmux.type('pw')
        await shows("(reverse-i-search)'pw': pwd")
        await tmux.press(key)
        await shows('HOST:/> put b')
        await tmux.type('a')
        await shows('HOST:/> put ab')
        await tmux.press('C-e', 'C-u')
        await shows('HOST:/>')
      }
    })

    test.each([
      ['Escape', 'ls -1 Xreleases'],
      ['Up', 'ls -1 Xreleases'],
      ['Left', 'ls -1X releases'],
      ['Right', 'ls -1 rXeleases'],
      ['C-a', 'Xls -1 releases'],
      ['C-e', 'ls -1 releasesX'],
    ])('%s takes the line over for editing', async (key, edited) => {
      await tmux.press('C-r')
      await tmux.type('rel')
      await shows("(reverse-i-search)'rel': ls -1 releases")
      await tmux.press(key)
      await shows('HOST:/> ls -1 releases')
      await tmux.type('X')
      await shows(`HOST:/> ${edited}`)
    })
  })

  test('Ctrl-C at the prompt leaves the dropped line readable, wherever the cursor was in it', async () => {
    await tmux.type('put one two three')
    await tmux.press('C-a')
    await tmux.press('C-c')
    await tmux.shows('HOST:/> put one two three^C', 'HOST:/>')
  })

  test('the prompt leaves the end of an output alone that has no newline', async () => {
    writeFileSync(join(scratch.remote, 'exact'), 'x'.repeat(80))
    await tmux.enter('cat releases/app-1.0.tgz')
    await tmux.shows('HOST:/> cat releases/app-1.0.tgz', 'one', 'HOST:/>')
    await tmux.enter('!printf local')
    const before = ['HOST:/> cat releases/app-1.0.tgz', 'one', 'HOST:/> !printf local', 'local']
    await tmux.shows(...before, 'HOST:/>')
    await tmux.enter('cat exact')
    await tmux.shows(...before, 'HOST:/> cat exact', 'x'.repeat(80), 'HOST:/>')
  })

  test('Ctrl-C in the middle of a put, and -c goes on where it was', async () => {
    const md5 = writeFile(scratch, 'app.iso', 30 * MIB)
    await tmux.enter('put app.iso --limit-rate 8M')
    // Less than 1 MiB would not be kept.
    await tmux.sees(/app\.iso +[━─]+ +\d+ % +([4-9]|1\d)\.?\d*\/30 MiB/)
    await tmux.shows('HOST:/> put app.iso --limit-rate 8M', 'app.iso  …/30 MiB')
    await tmux.press('C-c')
    const cut = ['HOST:/> put app.iso --limit-rate 8M', 'put: /app.iso: cancelled before it was done']
    await tmux.shows(...cut, 'HOST:/>')

    await tmux.enter('put -c app.iso')
    await tmux.sees(new RegExp(`^app\\.iso  30 MiB  [\\d.]+ \\w+/s  md5 ${md5}  resumed$`, 'm'))
    // What had arrived before Ctrl-C does not pass again.
    await tmux.sees(/^1 file: 1 resumed · [12]\d MiB in .* · md5 verified\n\S+:\/>$/m)
    const [first, second] = daemon.lines.filter(({ type }) => type === 'transfer')
    expect([first?.['result'], second?.['result']]).toEqual(['cancelled', 'ok'])
    expect(second?.['bytes']).toBeLessThan(30 * MIB)
    expect(
      readFileSync(join(scratch.remote, 'app.iso')).equals(readFileSync(join(scratch.local, 'app.iso'))),
    ).toBe(true)
  })

  test('two jobs in the background, one of which is killed and one ends', async () => {
    writeFile(scratch, 'long', 9 * MIB)
    writeFile(scratch, 'short', 2 * MIB)
    await tmux.enter('put long --limit-rate 100k &')
    await tmux.shows(
      'HOST:/> put long --limit-rate 100k &',
      '[1]  running  put long --limit-rate 100k',
      'HOST:/>',
    )
    await tmux.enter('put short --limit-rate 1M &')
    const started = [
      'HOST:/> put long --limit-rate 100k &',
      '[1]  running  put long --limit-rate 100k',
      'HOST:/> put short --limit-rate 1M &',
      '[2]  running  put short --limit-rate 1M',
    ]
    await tmux.shows(...started, 'HOST:/>')
    await tmux.enter('wait 2')
    const waited = [...started, 'HOST:/> wait 2', '1 file: 1 sent · 2.0 MiB in TIME · md5 verified']
    await tmux.shows(...waited, 'HOST:/>')
    await tmux.enter('jobs')
    const listed = [
      ...waited,
      'HOST:/> jobs',
      '[1]  running  put long --limit-rate 100k',
      '     long  …/9.0 MiB',
    ]
    await tmux.shows(...listed, 'HOST:/>')
    await tmux.enter('kill 1')
    await tmux.shows(
      ...listed,
      'HOST:/> kill 1',
      '[1]  stopped  put long --limit-rate 100k',
      'put: /long: cancelled before it was done',
      'HOST:/>',
    )
  })

  test('a bar fits the screen again after each resize, and nothing of it is left over', async () => {
    writeFile(scratch, 'app.iso', 30 * MIB)
    await tmux.enter('ls releases')
    await tmux.enter('put app.iso --limit-rate 300k')
    const before = [
      'HOST:/> ls releases',
      'app-1.0.tgz  app-1.1.tgz',
      'HOST:/> put app.iso --limit-rate 300k',
    ]
    await tmux.sees(/app\.iso +[━─]+ +\d+ % .* ETA \d/)
    await tmux.shows(...before, 'app.iso  …/30 MiB')
    await tmux.resize(60, 24)
    await tmux.sees(/app\.iso +[━─]{8,12} +\d+ % .* ETA \S+$/)
    // The bar took two rows for a moment, and tmux has scrolled by the second one.
    await tmux.shows(...before.slice(1), 'app.iso  …/30 MiB')
    await tmux.resize(100, 30)
    await tmux.sees(/app\.iso +[━─]{30} +\d+ % .* ETA \d/)
    await tmux.shows(...before, 'app.iso  …/30 MiB')
    await tmux.press('C-c')
    await tmux.shows(...before, 'put: /app.iso: cancelled before it was done', 'HOST:/>')
  })

  test('bars of names whose width terminals disagree about fit the screen, and lose nothing at its edge', async () => {
    mkdirSync(join(scratch.local, 'in'))
    for (const name of ['की'.repeat(40), '👍🏽'.repeat(25), 'e\u0301'.repeat(60), '\u3164'.repeat(60)]) {
      writeFile(scratch, `in/${name}`, 3 * MIB)
    }
    await tmux.enter('put -r in -j 4 --limit-rate 200k')
    const bars = /^(?:\S+:\/> put .*\n)?0\/4 files.*ETA \S+\n(?:\S.* % +[\d.]+\/3.0 MiB .* ETA \S+\n?){4}$/
    await tmux.sees(bars)
    await tmux.resize(70, 24)
    await tmux.sees(bars)
    await tmux.press('C-c')
    await tmux.sees(/\nput: .*cancelled before it was done\n\S+:\/>$/s)
  })

  test('a screen that became too low for all bars shows those that fit, and does not scroll', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFile(scratch, name, 3 * MIB)
    await tmux.enter('put a b c d e -j 4 --limit-rate 200k')
    await tmux.sees(/^0\/5 files.*\n(?:[a-e] .*\n?){4}$/m)
    await tmux.resize(80, 5)
    await tmux.sees(/^0\/5 files.*\n[a-e] .*\n[a-e] .*$/)
    await tmux.press('C-c')
    await tmux.sees(/\nput: .*cancelled before it was done\n\S+:\/>$/)
  })

  test('a line being typed is wrapped anew after each resize, and nothing of it is left over', async () => {
    await tmux.enter('!seq 1 30')
    await tmux.sees(/\n30\n\S+:\/>$/)
    await tmux.type('put a file with a long name, or several of them to one folder')
    await tmux.sees(/\n30\n\S+:\/> put a file with .* one folder$/)
    for (const columns of [40, 30, 60, 100]) {
      await tmux.resize(columns, 24)
      await tmux.sees(/\n29\n30\n\S+:\/> put [a-z ,\n]+$/)
      expect((await tmux.screen()).split('\n').slice(-4).join('')).toMatch(
        /^\D*(?:\d\d){0,3}127[^:]*:\d+:\/> put [a-z ,]+$/,
      )
    }
    await tmux.press('C-c')
    await tmux.sees(/\n29\n30\n\S+:\/> put a file with .* one folder\^C\n\S+:\/>$/)
  })

  test('a long line that is dropped stays readable, with all its rows', async () => {
    await tmux.type(`put ${'a long name '.repeat(10)}`)
    await tmux.press('C-a')
    await tmux.press('C-c')
    await tmux.type('pwd')
    await tmux.press('Enter')
    await tmux.sees(/^\S+:\/> put [a-z \n]+\^C\n\S+:\/> pwd\n\/\n\S+:\/>$/)
  })

  test('the prompt of a deep folder leaves room for the line', async () => {
    const folder = `日本${'x'.repeat(200)}end`
    mkdirSync(join(scratch.remote, folder))
    await tmux.enter(`cd 日*`)
    await tmux.press('C-l')
    await tmux.sees(/^127\.\S+:\/日本x+…x+end>$/)
    await tmux.type('x'.repeat(17))
    await tmux.sees(/^127\.\S+:\/日本x+…x+end> x{17}$/)
  })

  test('what a command waits for leaves no trace, also if the terminal became narrower meanwhile', async () => {
    await using silent = await HostileServer.start({})
    await open(silent)
    await tmux.enter('ls')
    await tmux.sees(/ls\nwaiting for \S+ to answer \(Ctrl-C stops\)$/)
    await tmux.resize(30, 24)
    await tmux.sees(/waiting for .*\n.*Ctrl-C stops\)$/)
    await tmux.press('C-c')
    await tmux.sees(/^ls: [^]*\n\S+:\/>$/m)
    expect(await tmux.screen()).not.toContain('waiting for')
  })

  test('Tab asks again if the server had no names at the first Tab', async () => {
    const busy = namesLater({ code: 'io-error', message: 'not now', retryable: false })
    await using server = await HostileServer.start(busy.answers)
    await open(server)
    await tmux.type('get l')
    await tmux.press('Tab')
    await expect.poll(busy.asked, { timeout: 60_000 }).toBe(1)
    await tmux.type('a')
    await tmux.press('Tab')
    await tmux.sees(/^\S+:\/> get later$/)
  })

  test('Tab writes nothing into the line if the names have to be asked for again', async () => {
    await tmux.enter('set retry-delay 0.2')
    const busy = namesLater({ code: 'busy', message: 'not now', retryable: true })
    await using server = await HostileServer.start(busy.answers)
    await open(server)
    await tmux.type('get l')
    await tmux.press('Tab')
    await tmux.sees(/^\S+:\/> get later$/)
    expect(busy.asked()).toBe(2)
  })

  test('after the server was restarted the next command connects again, in the same folder', async () => {
    await tmux.enter('cd releases')
    await tmux.shows('HOST:/> cd releases', 'HOST:/releases>')
    await daemon.stop('SIGKILL')
    await tmux.enter('ls')
    await tmux.sees(/connection refused; is ftpd running there\?[^>]*\n\S+\/releases>$/)
    await tmux.press('C-l')
    await tmux.shows('HOST:/releases>')
    daemon = await DaemonProcess.start(scratch.remote, daemon.again)
    await tmux.enter('ls')
    await tmux.shows(
      'HOST:/releases> ls',
      'the connection to HOST was lost (the server ended it); opened again',
      'app-1.0.tgz  app-1.1.tgz',
      'HOST:/releases>',
    )
  })
})

/** A server that fails with `error` the first time that it is asked for names, and then has one. */
function namesLater(error: object): { answers: Record<string, Answer>; asked: () => number } {
  const body = `${JSON.stringify({ name: 'later', type: 'file', size: 1, mtime: 0, mode: 0o644 })}\n`
  const digest = { alg: 'md5', hex: createHash('md5').update(body).digest('hex') }
  let asked = 0
  const answers: Record<string, Answer> = {
    pwd: (id) => [ack(id, { path: '/' })],
    ls: (id, { path }) =>
      asked++ === 0
        ? [encodeJsonFrame(FrameType.ACK, id, { ok: false, error })]
        : [ack(id, { path, type: 'directory' }), data(id, body), end(id, { size: body.length, digest })],
  }
  return { answers, asked: () => asked }
}

/** A local file that no compression would make shorter; gives its md5. */
function writeFile(scratch: ScratchFolder, name: string, size: number): string {
  const bytes = Buffer.alloc(size, `${name} is not empty. `)
  writeFileSync(join(scratch.local, name), bytes)
  return createHash('md5').update(bytes).digest('hex')
}

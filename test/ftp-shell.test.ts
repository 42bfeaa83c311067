import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HostileServer } from './client-hostile-server.js'
import { DaemonProcess } from './daemon.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasTerminal, Terminal } from './terminal.js'

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_R = '\x12'
const CTRL_Z = '\x1a'
/** The prompt names a Unix socket by its path, and is shortened if it leaves no room for a line. */
const onWideTerminal = (command: string) => `stty cols 240; exec ${command}`
const hasBash = spawnSync('bash', ['-c', 'exit']).status === 0

describe.skipIf(!hasTerminal)('the shell on a terminal', () => {
  let scratch: ScratchFolder
  let daemon: DaemonProcess
  let host: string
  let terminal: Terminal
  beforeEach(async () => {
    scratch = new ScratchFolder()
    mkdirSync(join(scratch.remote, 'my box'))
    writeFileSync(join(scratch.remote, 'my box/it\'s "in".txt'), 'here')
    writeFileSync(join(scratch.remote, 'evil\x1b]0;title\x07\x1b[31m'), '')
    daemon = await DaemonProcess.start(scratch.remote)
    host = daemon.label
    const options = { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path, NO_COLOR: '1' } }
    terminal = new Terminal([daemon.url], options, onWideTerminal)
    await terminal.sees(`${host}:/> `)
  })
  afterEach(async () => {
    await terminal[Symbol.asyncDispose]()
    await daemon.stop('SIGKILL')
    scratch[Symbol.dispose]()
  })

  test('changes folders, completes names and quotes them', async () => {
    terminal.type('cd m')
    await terminal.sees('cd m')
    terminal.type('\t')
    await terminal.sees('y\\ box/')
    terminal.type('\r')
    await terminal.sees(`${host}:/my box> `)
    terminal.type('get i')
    await terminal.sees('get i')
    terminal.type('\t')
    await terminal.sees('.txt')
    terminal.type('\r')
    await terminal.sees('1 file: 1 received')
    await terminal.sees(`${host}:/my box> `)
    expect(readFileSync(join(scratch.local, 'it\'s "in".txt'), 'utf8')).toBe('here')
  })

  test('shows names from the server without obeying them', async () => {
    terminal.type('ls -1\r')
    await terminal.sees('my box/')
    expect(terminal.screen).toContain('evil\\e]0;title\\x07\\e[31m')
    expect(terminal.screen).not.toContain('\x1b]0;')
  })

  test('says what is wrong in one line and goes on', async () => {
    terminal.type('lss\r')
    await terminal.sees("no command 'lss'; did you mean 'ls'?\r\n")
    terminal.type('get nope\r')
    await terminal.sees('/nope: no such file or folder\r\n')
    await terminal.sees(`${host}:/> `)
    terminal.type('get nope || pwd\r')
    await terminal.sees('\r\n/\r\n')
  })

  test('Ctrl-C clears the line, and in a transfer stops that and nothing else', async () => {
    writeFileSync(join(scratch.remote, 'huge'), '')
    truncateSync(join(scratch.remote, 'huge'), 20 * 1024 ** 3)
    terminal.type('nonsense')
    await terminal.sees('nonsense')
    terminal.type(CTRL_C)
    await terminal.sees(`${host}:/> `)
    terminal.type('get huge\r')
    await terminal.sees(/huge +[━─]+ +\d+ % +\S+\/20 GiB/)
    terminal.type(CTRL_C)
    await terminal.sees(/get: .*huge.*\r\n/)
    await terminal.sees(`${host}:/> `)
    expect(scratch.namesButKept).toEqual([])
    terminal.type('pwd\r')
    await terminal.sees('\r\n/\r\n')
  })

  test('what is typed while a command runs waits for the prompt', async () => {
    writeFileSync(join(scratch.remote, 'large'), '')
    truncateSync(join(scratch.remote, 'large'), 10_000_000)
    // The limit makes it last for two seconds or more, however fast the machine is.
    terminal.type('get large --limit-rate 4M\r')
    await terminal.sees(/large +[━─]+/)
    terminal.type('pwd\r')
    terminal.type('lpw')
    await terminal.sees('1 file: 1 received')
    await terminal.sees(`${host}:/> `)
    await terminal.sees(/pwd\r+\n\/\r\n/)
    await terminal.sees(`${host}:/> `)
    await terminal.sees('lpw')
    terminal.type('d\r')
    await terminal.sees(scratch.local)
  })

  test('local programs get the terminal, and Ctrl-C reaches them', async () => {
    terminal.type('!echo ready; read answer; echo "got $answer"\r')
    await terminal.sees('\nready\r')
    terminal.type('typed\r')
    await terminal.sees('got typed')
    await terminal.sees(`${host}:/> `)
    terminal.type('!sleep 1000\r')
    await terminal.sees('sleep 1000')
    terminal.type(CTRL_C)
    await terminal.sees(`${host}:/> `)
    terminal.type('ls | wc -l\r')
    await terminal.sees(/\n2\r/)
    await terminal.sees(`${host}:/> `)
    terminal.type('pwd\r')
    await terminal.sees(/\n\/\r/)
  })

  test('edit stores what an editor has changed, unless somebody else was faster', async () => {
    const editor = join(scratch.path, 'editor')
    writeFileSync(editor, '#!/bin/sh\ncat "$1"; read line; [ "$line" = "" ] || echo "$line" >> "$1"\n', {
      mode: 0o755,
    })
    await terminal[Symbol.asyncDispose]()
    terminal = new Terminal([daemon.url], {
      cwd: scratch.local,
      env: { XDG_STATE_HOME: scratch.path, NO_COLOR: '1', EDITOR: editor, TMPDIR: scratch.path },
    })
    await terminal.sees(`${host}:/> `)
    writeFileSync(join(scratch.remote, 'notes'), 'one\n')
    terminal.type('edit notes\r')
    await terminal.sees('\none\r')
    terminal.type('two\r')
    await terminal.sees('stored /notes')
    expect(readFileSync(join(scratch.remote, 'notes'), 'utf8')).toBe('one\ntwo\n')
    await terminal.sees(`${host}:/> `)
    terminal.type('edit notes\r')
    await terminal.sees('two\r\n')
    terminal.type('\r')
    await terminal.sees('nothing was changed')
    await terminal.sees(`${host}:/> `)
    terminal.type('edit notes &\r')
    await terminal.sees('running')
    terminal.type('fg\r')
    await terminal.sees('an editor needs the terminal; leave out &')
    await terminal.sees(`${host}:/> `)
    terminal.type('edit notes\r')
    await terminal.sees('two\r\n')
    writeFileSync(join(scratch.remote, 'notes'), 'by somebody else\n')
    terminal.type('three\r')
    await terminal.sees(/changed it meanwhile; your copy is \S+\/notes\r/)
    expect(readFileSync(join(scratch.remote, 'notes'), 'utf8')).toBe('by somebody else\n')
    const kept = readdirSync(scratch.path).filter((name) => name.startsWith('jftp-edit-'))
    expect(kept).toHaveLength(1)
    expect(readFileSync(join(scratch.path, kept[0] ?? '', 'notes'), 'utf8')).toBe('one\ntwo\nthree\n')
  })

  test('edit keeps what was written by an editor that fails', async () => {
    const editor = join(scratch.path, 'editor')
    writeFileSync(editor, '#!/bin/sh\necho edited >> "$1"; exit 3\n', { mode: 0o755 })
    await terminal[Symbol.asyncDispose]()
    terminal = new Terminal([daemon.url], {
      cwd: scratch.local,
      env: { XDG_STATE_HOME: scratch.path, NO_COLOR: '1', EDITOR: editor, TMPDIR: scratch.path },
    })
    await terminal.sees(`${host}:/> `)
    writeFileSync(join(scratch.remote, 'notes'), 'one\n')
    terminal.type('edit notes\r')
    await terminal.sees(/has ended with 3, so nothing was stored; your copy is \S+\/notes\r/)
    expect(readFileSync(join(scratch.remote, 'notes'), 'utf8')).toBe('one\n')
    const kept = readdirSync(scratch.path).filter((name) => name.startsWith('jftp-edit-'))
    expect(kept).toHaveLength(1)
    expect(readFileSync(join(scratch.path, kept[0] ?? '', 'notes'), 'utf8')).toBe('one\nedited\n')
    await terminal.sees(`${host}:/> `)
    writeFileSync(editor, '#!/bin/sh\nexit 3\n')
    terminal.type('edit notes\r')
    await terminal.sees(/has ended with 3, so nothing was stored\r/)
    expect(readdirSync(scratch.path).filter((name) => name.startsWith('jftp-edit-'))).toEqual(kept)
  })

  test('edit names the copy as an editor can show it, and more shows what a terminal would obey as escapes', async () => {
    const editor = join(scratch.path, 'editor')
    writeFileSync(editor, '#!/bin/sh\nprintf "editing %s." "$1"\n', { mode: 0o755 })
    await terminal[Symbol.asyncDispose]()
    terminal = new Terminal([daemon.url], {
      cwd: scratch.local,
      env: { XDG_STATE_HOME: scratch.path, EDITOR: editor, PAGER: 'cat', TMPDIR: scratch.path },
    })
    await terminal.sees(`${host}:/> `)
    const name = 'evil\x1b]0;title\x07\x1b[31m'
    writeFileSync(join(scratch.remote, name), '\x1b]0;title\x07\u202e text \x9b31m\n')
    terminal.type('edit e\t\r')
    await terminal.sees('/evil_]0;title__[31m.')
    await terminal.sees(`${host}:/> `)
    terminal.type('more e\t\r')
    await terminal.sees('\\e]0;title\\x07\\u202e text \\x9b31m')
    expect(terminal.screen).not.toMatch(/\x1b\]|[\x07\x9b\u202e]/)
  })

  test('more shows pages, and history lists lines', async () => {
    writeFileSync(
      join(scratch.remote, 'long'),
      Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join(''),
    )
    terminal.type('more long\r')
    await terminal.sees(/line 1\d\r/)
    terminal.type('q')
    await terminal.sees(`${host}:/> `)
    terminal.type('history 2\r')
    await terminal.sees('\nmore long\r\nhistory 2\r')
  })

  test('jobs run in the background, and exit asks once', async () => {
    writeFileSync(join(scratch.local, 'slow'), Buffer.alloc(9_000_000))
    terminal.type('put slow --limit-rate 100k &\r')
    await terminal.sees('[1]  running  put slow')
    await terminal.sees(`${host}:/> `)
    terminal.type('put slow -o other && pwd &\r')
    await terminal.sees('[2]  running')
    terminal.type('wait 2\r')
    await terminal.sees('1 file: 1 sent')
    terminal.type('jobs\r')
    await terminal.sees(/\[1\] {2}running {2}put slow[^\n]*\n +slow .*%/)
    terminal.type('exit\r')
    await terminal.sees("1 job would be stopped; 'wait' waits for them")
    await terminal.sees(`${host}:/> `)
    terminal.type('fg\r')
    await terminal.sees('fg\r')
    terminal.type(CTRL_C)
    await terminal.sees('cancelled')
    await terminal.sees(`${host}:/> `)
    terminal.type('exit 4\r')
    expect(await terminal.ended()).toBe(4)
  })

  test('Ctrl-D asks once if a job runs, and a second one leaves', async () => {
    writeFileSync(join(scratch.local, 'slow'), Buffer.alloc(9_000_000))
    terminal.type('put slow --limit-rate 100k &\r')
    await terminal.sees('[1]  running  put slow')
    await terminal.sees(`${host}:/> `)
    terminal.type(CTRL_D)
    await terminal.sees("\r\n1 job would be stopped; 'wait' waits for them")
    await terminal.sees(`${host}:/> `)
    terminal.type(CTRL_D)
    expect(await terminal.ended()).toBe(0)
  })

  test('Ctrl-D leaves with 0, exit with its code', async () => {
    terminal.type(CTRL_D)
    expect(await terminal.ended()).toBe(0)
    await using other = new Terminal([], { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path } })
    await other.sees('ftp> ')
    other.type('exit 7\r')
    expect(await other.ended()).toBe(7)
  })

  test('keeps its history for its owner, and finds lines in it', async () => {
    terminal.type('cd "my box"\r')
    await terminal.sees('/my box> ')
    terminal.type('exit\r')
    expect(await terminal.ended()).toBe(0)
    const history = join(scratch.path, 'jftp/history')
    expect(readFileSync(history, 'utf8')).toBe('cd "my box"\nexit\n')
    expect(statSync(history).mode & 0o777).toBe(0o600)

    await using later = new Terminal([daemon.url], { env: { XDG_STATE_HOME: scratch.path } })
    await later.sees(`${host}:/> `)
    later.type(CTRL_R)
    await later.sees("(reverse-i-search)'': ")
    later.type('box')
    await later.sees(`(reverse-i-search)'box': cd "my box"`)
    later.type('\r')
    await later.sees('/my box> ')
  })

  test('connects again and is in the same folder when the server was away', async () => {
    terminal.type('cd "my box"\r')
    await terminal.sees('/my box> ')
    await daemon.stop('SIGKILL')
    terminal.type('pwd\r')
    await terminal.sees('is ftpd running there')
    daemon = await DaemonProcess.start(scratch.remote, daemon.again)
    terminal.type('pwd\r')
    await terminal.sees('opened again')
    await terminal.sees('/my box\r\n')
  })

  test('opens servers, one after another', async () => {
    await using other = await DaemonProcess.start(scratch.local)
    terminal.type(`open ${other.url}\r`)
    await terminal.sees(`${other.label}:/> `)
    terminal.type('open jftp://127.0.0.1:1\r')
    await terminal.sees('connection refused')
    await terminal.sees(`${other.label}:/> `)
    terminal.type('close\r')
    await terminal.sees('ftp> ')
    terminal.type('ls\r')
    await terminal.sees('open one first: open jftp://host')
  })

  test('ends with 143 on SIGTERM, in the middle of a transfer, and leaves no temporary file', async () => {
    writeFileSync(join(scratch.remote, 'huge'), '')
    truncateSync(join(scratch.remote, 'huge'), 20 * 1024 ** 3)
    terminal.type('get huge\r')
    await terminal.sees(/huge +[━─]+/)
    terminal.signal('SIGTERM')
    expect(await terminal.ended()).toBe(143)
    expect(scratch.namesButKept).toEqual([])
  })

  test('if the terminal goes away, it ends as SIGHUP ends a program, and the line being typed is not run', async () => {
    writeFileSync(join(scratch.local, 'here'), 'content')
    const errors = join(scratch.path, 'errors')
    const code = join(scratch.path, 'code')
    const end = async (keys: string, isUnderWay: () => boolean) => {
      const shell = new Terminal(
        [daemon.url],
        { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path } },
        (ftp) => `trap '' HUP; ${ftp} 2> '${errors}'; echo $? > '${code}.new'; mv '${code}.new' '${code}'`,
      )
      await shell.sees(`${host}:/> `)
      shell.type(keys)
      await shell.sees(keys.trimEnd())
      await expect.poll(isUnderWay, { timeout: 60_000 }).toBe(true)
      await shell[Symbol.asyncDispose]()
      await expect.poll(() => existsSync(code), { timeout: 60_000 }).toBe(true)
      expect(readFileSync(code, 'utf8')).toBe('129\n')
      expect(readFileSync(errors, 'utf8')).not.toMatch(/Assertion|^ +at /m)
      rmSync(code)
    }
    await end('put here', () => true)
    expect(existsSync(join(scratch.remote, 'here'))).toBe(false)

    writeFileSync(join(scratch.remote, 'huge'), '')
    truncateSync(join(scratch.remote, 'huge'), 20 * 1024 ** 3)
    await end('get huge -q\r', () => readdirSync(scratch.local).length > 1)
    expect(scratch.namesButKept).toEqual(['here'])
  })

  test.skipIf(!hasBash)('Ctrl-Z stops it, and after fg Ctrl-C still cancels the transfer alone', async () => {
    writeFileSync(join(scratch.remote, 'huge'), '')
    truncateSync(join(scratch.remote, 'huge'), 20 * 1024 ** 3)
    const script = (ftp: string) => `set -m; ${ftp}; echo stopped $?; read answer; fg; echo ended $?`
    await using shell = new Terminal(
      [daemon.url],
      { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path, NO_COLOR: '1' } },
      (ftp) => `bash --norc -c '${script(ftp).replaceAll("'", `'\\''`)}'`,
    )
    await shell.sees(`${host}:/> `)
    shell.type('get huge\r')
    await shell.sees(/huge +[━─]+/)
    shell.type(CTRL_Z)
    await shell.sees('stopped 148')
    shell.type('go on\r')
    await shell.sees(/huge +[━─]+/)
    shell.type(CTRL_C)
    await shell.sees(/get: .*huge.*\r\n/)
    await shell.sees(`${host}:/> `)
    shell.type('pwd\r')
    await shell.sees('\r\n/\r\n')
    shell.type('exit 9\r')
    await shell.sees('ended 9')
  })

  test('on a dumb terminal the line is edited by the kernel', async () => {
    const options = { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path, TERM: 'dumb' } }
    await using dumb = new Terminal([daemon.url], options, onWideTerminal)
    await dumb.sees(`${host}:/> `)
    dumb.type('nonsense\x15pwdd\x7f\r')
    await dumb.sees('\r\n/\r\n')
    await dumb.sees(`${host}:/> `)
    dumb.type('nonsense')
    dumb.type(CTRL_C)
    await dumb.sees(`\r\n${host}:/> `)
    dumb.type('cd "my box"\r')
    await dumb.sees(`${host}:/my box> `)
    expect(dumb.screen).not.toMatch(/\x1b/)
    dumb.type(CTRL_D)
    expect(await dumb.ended()).toBe(0)
  })

  test('says what it waits for, and Ctrl-C ends the wait', async () => {
    await using silent = await HostileServer.start({})
    terminal.type(`open ${silent.url}\r`)
    await terminal.sees(/127\.0\.0\.1:\d+:\/> /)
    terminal.type('ls\r')
    await terminal.sees(/waiting for 127\.0\.0\.1:\d+ to answer \(Ctrl-C stops\)/)
    terminal.type(CTRL_C)
    await terminal.sees(/127\.0\.0\.1:\d+:\/> /)
  })
})

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { InternetAddress } from '@jftp/socketserver'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectTo, readAll, readSome } from './clients.js'
import { fixture } from './server-table.js'

const hasPython = spawnSync('python3', ['--version']).status === 0

let folder: string
let running: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-examples-'))
})
afterEach(async () => {
  for (const child of running) {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  running = []
  rmSync(folder, { recursive: true })
})

/** Starts an example as its user would, on a port the system chooses; resolves with where it serves. */
async function start(example: string): Promise<InternetAddress> {
  const child = spawn(process.execPath, [pathOf(example), '127.0.0.1', '0'], { cwd: folder })
  running.push(child)
  let output = ''
  return await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text
      const [, host, port] = /^serving on (\S+) (\d+)\n/.exec(output) ?? []
      if (host !== undefined) resolve([host, Number(port)])
    })
    child.stderr.on('data', (text) => {
      output += text
    })
    child.once('exit', () => reject(new Error(`${example} ended: ${output}`)))
  })
}

function pathOf(example: string): string {
  return fileURLToPath(new URL(`../examples/${example}`, import.meta.url))
}

/**
 * Runs a client of the seeds, in which nothing is replaced but host and port; resolves with what it prints. The client
 * leaves when it has read its input, or, if `isDone` is given, when that returns true.
 */
async function runSeed(
  name: string,
  port: number,
  input: string,
  { args = [], isDone }: { args?: string[]; isDone?: () => boolean } = {},
): Promise<string> {
  const source = readFileSync(fixture(`seeds/${name}`), 'utf8')
    .replace(/"1\.1\.1\.3"/, '"127.0.0.1"')
    .replace(/'localhost'/, "'127.0.0.1'")
    .replace(/"localhost"/, '"127.0.0.1"')
    .replace(/\b(9999|8888)\b/, String(port))
  const env = { ...process.env, PYTHONIOENCODING: 'utf-8' }
  const child = spawn('python3', ['-u', '-c', source, ...args], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  running.push(child)
  child.stdin.write(input)
  const left = isDone === undefined ? Promise.resolve() : vi.waitUntil(isDone, { timeout: 30_000 })
  void left.finally(() => child.stdin.end()).catch(() => {})
  let output = ''
  for await (const text of child.stdout) output += text
  await left
  return output
}

function sizeOf(name: string): number | undefined {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.size
}

async function ask(socket: Socket, message: string): Promise<string> {
  const answer = readSome(socket)
  socket.write(message)
  return await answer
}

describe('the examples', () => {
  it('have at most 60 lines each', () => {
    const names = readdirSync(pathOf('.'))
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) {
      expect(readFileSync(pathOf(name), 'utf8').trimEnd().split('\n').length, name).toBeLessThanOrEqual(60)
    }
  })
})

describe('upper-echo', () => {
  it('answers in capitals, message after message', async () => {
    const socket = await connectTo(await start('upper-echo.js'))
    expect(await ask(socket, '  hello world\n')).toBe('HELLO WORLD')
    expect(await ask(socket, 'äöü')).toBe('ÄÖÜ')
    socket.end()
    expect(await readAll(socket)).toBe('')
  })

  it.skipIf(!hasPython)("serves the seeds' clients", async () => {
    const [, port] = await start('upper-echo.js')
    expect(await runSeed('echo_client.py', port, 'one\n\ntwo\n')).toContain(
      "client_recv: b'ONE'\n>>:>>:client_recv: b'TWO'",
    )
    expect(await runSeed('upper_client.py', port, '', { args: ['hello', 'there'] })).toBe(
      'Sent:     hello there\nReceived: HELLO THERE\n',
    )
  })
})

describe('greeting-chat', () => {
  it('greets, confirms, and leaves on exit', async () => {
    const socket = await connectTo(await start('greeting-chat.js'))
    expect(await readSome(socket)).toBe('Welcome to the socketserver!')
    expect(await ask(socket, 'hello')).toBe('your message has come: <hello>')
    socket.write('exit')
    expect(await readAll(socket)).toBe('')
  })

  it.skipIf(!hasPython)("serves the seed's client", async () => {
    const [, port] = await start('greeting-chat.js')
    const output = await runSeed('chat_client.py', port, 'hello\nexit\n')
    expect(output).toContain('服务器: Welcome to the socketserver!')
    expect(output).toContain('服务器: your message has come: <hello>')
    expect(output).toContain('谢谢使用，再见！')
  })
})

describe('i-am-server', () => {
  it('says so to whatever it is told', async () => {
    const socket = await connectTo(await start('i-am-server.js'))
    for (const message of ['hello', 'who are you?']) expect(await ask(socket, message)).toBe('I am server')
    socket.end()
    expect(await readAll(socket)).toBe('')
  })
})

describe('echo-until-closed', () => {
  it('is shut down by its handler when the client has left, and ends', async () => {
    const socket = await connectTo(await start('echo-until-closed.js'))
    const ended = once(running[0] as ChildProcess, 'exit')
    expect(await ask(socket, 'hello')).toBe('hello')
    socket.end()
    expect(await readAll(socket)).toBe('')
    expect(await ended).toEqual([0, null])
  })
})

describe('remote-command', () => {
  it('sends length, waits for the ack, sends the result', async () => {
    const socket = await connectTo(await start('remote-command.js'))
    const size = Number(await ask(socket, 'node --version'))
    const result = await ask(socket, 'receive ok')
    expect(result).toBe(`${process.version}\n`)
    expect(size).toBe(result.length)
    expect(Number(await ask(socket, 'true'))).toBe('command exec success, but do not have results'.length)
    expect(await ask(socket, 'receive ok')).toContain('success')
    socket.end()
    await readAll(socket)
  })

  it('runs nothing but what is on its list, and no shell', async () => {
    const socket = await connectTo(await start('remote-command.js'))
    for (const command of ['touch x', 'node --version; touch x', 'uname -a $(touch x)', 'uname']) {
      await ask(socket, command)
      expect(await ask(socket, 'receive ok')).toContain('not allowed')
    }
    expect(() => readFileSync(join(folder, 'x'))).toThrow('ENOENT')
    socket.end()
    await readAll(socket)
  })

  it.skipIf(!hasPython)("serves the seed's client", async () => {
    const [, port] = await start('remote-command.js')
    const output = await runSeed('command_client.py', port, 'uname -a\nnode --version\n')
    const size = process.version.length + 1
    expect(output).toContain(`b'${size}'\nb'${process.version}\\n'`)
  })
})

describe('classic-file-server', () => {
  const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

  it('takes a file and gives it back, each with its md5', async () => {
    const socket = await connectTo(await start('classic-file-server.js'))
    const bytes = randomBytes(300_000)
    expect(
      await ask(socket, JSON.stringify({ action: 'put', filename: '../a.bin', size: bytes.byteLength })),
    ).toBe('200 OK')
    const answer = readSome(socket)
    socket.write(bytes)
    expect(await answer).toBe(md5(bytes))
    expect(readFileSync(join(folder, 'a.bin')).equals(bytes)).toBe(true)

    expect(await ask(socket, JSON.stringify({ action: 'get', filename: 'a.bin' }))).toBe(
      String(bytes.byteLength),
    )
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    socket.write('ready')
    while (Buffer.concat(received).byteLength < bytes.byteLength + 32) await once(socket, 'data')
    expect(Buffer.concat(received).equals(Buffer.concat([bytes, Buffer.from(md5(bytes))]))).toBe(true)
    socket.end()
    await readAll(socket)
  })

  it('does not overwrite, and finds the end of a command that has braces in it', async () => {
    const socket = await connectTo(await start('classic-file-server.js'))
    writeFileSync(join(folder, '}{.txt'), 'old')
    const command = JSON.stringify({ action: 'put', filename: '}{.txt', size: 3, more: { nested: {} } })
    const answers = [readSome(socket)]
    // All at once, as a hurried client's packets may arrive.
    socket.write(`${command}new`)
    let text = await (answers[0] as Promise<string>)
    while (text.length < '200 OK'.length + 32) text += await readSome(socket)
    expect(text).toBe(`200 OK${md5(Buffer.from('new'))}`)
    expect(readFileSync(join(folder, '}{.txt'), 'utf8')).toBe('old')
    expect(readFileSync(join(folder, '}{.txt.new'), 'utf8')).toBe('new')
    socket.end()
    await readAll(socket)
  })

  const command = (action: string, more = {}) => JSON.stringify({ action, ...more })

  it('passes over an action it lacks, answers for a missing file, and goes on', async () => {
    const socket = await connectTo(await start('classic-file-server.js'))
    for (const nothing of ['{"action":"dance"}', '{"action":"handle"}', '{"action":"constructor"}', '{}'])
      socket.write(nothing)
    expect(await ask(socket, command('get', { filename: 'missing' }))).toBe('404 no file missing')
    expect(await ask(socket, command('get'))).toBe('404 no file ')
    for (const put of [
      { filename: 'x' },
      { size: 1 },
      { filename: '..', size: 1 },
      { filename: 'sub/', size: '?' },
    ])
      expect(await ask(socket, command('put', put))).toBe('400 no name or no size')
    expect(await ask(socket, command('pwd'))).toBe('/')
    socket.end()
    expect(await readAll(socket)).toBe('')
  })

  it('lists and changes folders, and never leaves its own', async () => {
    const socket = await connectTo(await start('classic-file-server.js'))
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'sub', 'inner'), 'x')
    symlinkSync('/etc', join(folder, 'out'))
    expect(await ask(socket, command('ls'))).toBe('out\nsub\n')
    for (const [name, answer] of [
      ['nowhere', '404 no folder nowhere'],
      ['out', '404 no folder out'],
      ['../../..', '/'],
      ['sub', '/sub'],
      ['..', '/'],
      ['./sub', '/sub'],
    ]) {
      expect(await ask(socket, command('cd', { filename: name }))).toBe(answer)
    }
    expect(await ask(socket, command('pwd'))).toBe('/sub')
    expect(await ask(socket, command('ls'))).toBe('inner\n')
    expect(await ask(socket, command('get', { filename: 'inner' }))).toBe('1')
    let text = await ask(socket, 'ready')
    while (text.length < 33) text += await readSome(socket)
    expect(text).toBe(`x${md5(Buffer.from('x'))}`)
    socket.end()
    await readAll(socket)
  })

  it('gives each of four users who put one new name at once a file of their own', async () => {
    const address = await start('classic-file-server.js')
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000))
    const sockets = await Promise.all(contents.map(() => connectTo(address)))
    const ready = await Promise.all(
      sockets.map((socket) => ask(socket, command('put', { filename: 'same', size: 200_000 }))),
    )
    expect(ready).toEqual(['200 OK', '200 OK', '200 OK', '200 OK'])
    const answers = await Promise.all(sockets.map((socket, index) => ask(socket, contents[index] ?? '')))
    expect(answers).toEqual(contents.map((content) => md5(Buffer.from(content))))
    const stored = ['same', 'same.new', 'same.new.2', 'same.new.3'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    )
    expect(stored.sort()).toEqual(contents)
    for (const socket of sockets) socket.destroy()
  })

  it('keeps nothing of an upload that its client breaks off', async () => {
    const socket = await connectTo(await start('classic-file-server.js'))
    await ask(socket, command('put', { filename: 'half', size: 1000 }))
    socket.write('half')
    socket.end()
    await readAll(socket)
    expect(readdirSync(folder)).toEqual([])
  })

  it.skipIf(!hasPython)("serves the seed's client, put after put", async () => {
    const [, port] = await start('classic-file-server.js')
    for (const name of ['one.py', 'two.py']) writeFileSync(join(folder, name), `# ${name}\n`.repeat(1000))
    // This client never reads the last md5. If it leaves with that unread, its kernel resets the connection and drops
    // the bytes that it has not sent yet, so no server could store the file. That is why it stays until both are stored.
    const isDone = () => ['one.py', 'two.py'].every((name) => sizeOf(`${name}.new`) === sizeOf(name))
    const input = 'help\nput one.py\nput missing.py\nput two.py\n'
    const output = await runSeed('put_client.py', port, input, { isDone })
    expect(output).toContain('ls; pwd; cd ..')
    expect(output).toContain('missing.py is not exist')
    expect(output.match(/file upload success/g)).toHaveLength(2)
    const socket = await connectTo(['127.0.0.1', port])
    for (const name of ['one.py', 'two.py']) {
      const size = 1000 * `# ${name}\n`.length
      const text = await ask(socket, JSON.stringify({ action: 'get', filename: `${name}.new` }))
      expect(text).toBe(String(size))
      let got = ''
      socket.write('ready')
      while (got.length < size + 32) got += await readSome(socket)
      expect(got.slice(0, size)).toBe(`# ${name}\n`.repeat(1000))
    }
    socket.end()
    await readAll(socket)
  })

  it('is uploaded an empty file with a progress bar, each time', async () => {
    const [host, port] = await start('classic-file-server.js')
    writeFileSync(join(folder, 'empty'), '')
    for (let round = 0; round < 5; round += 1) {
      const args = [pathOf('progress-bar.js'), host, String(port), join(folder, 'empty')]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      expect(stdout).toBe(`\r[${'='.repeat(100)}]100%\nfile upload success\n`)
    }
  })

  it('is uploaded to with a progress bar', async () => {
    const [host, port] = await start('classic-file-server.js')
    const bytes = randomBytes(1_000_000)
    const source = join(folder, 'source')
    writeFileSync(source, bytes)
    const { stdout } = await promisify(execFile)(process.execPath, [
      pathOf('progress-bar.js'),
      host,
      String(port),
      source,
    ])
    const bars = stdout.split('\r').slice(1)
    expect(bars.length).toBeGreaterThan(2)
    expect(bars[0]).toMatch(/^\[=+ +\]6%$/)
    expect(bars.at(-1)).toBe(`[${'='.repeat(100)}]100%\nfile upload success\n`)
    expect(readFileSync(join(folder, 'source.new')).equals(bytes)).toBe(true)
  })
})

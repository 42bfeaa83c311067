import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { FrameDecoder, FrameType, parseRequest } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { ftp, startFtp } from './ftp-process.js'
import { connectOptions } from './place.js'
import { daemon, folder, local, proxy, root, serveBehindProxy, served } from './proxied-daemon.js'

serveBehindProxy()

const run = (...args: string[]) => ftp([...args, '--url', daemon.url], { cwd: folder.path })
const large = Buffer.alloc(20_000_000, 'content')

describe('put -E', () => {
  test('deletes each file that was stored, and no folder', async () => {
    writeFileSync(local('a'), 'a')
    mkdirSync(local('tree/empty'), { recursive: true })
    mkdirSync(local('tree/deep'))
    writeFileSync(local('tree/deep/b'), large)
    expect(await run('put', '-E', 'a')).toMatchObject({ exitCode: 0 })
    expect(await run('put', '-r', '-E', 'tree')).toMatchObject({ exitCode: 0 })
    expect(readFileSync(served('a'), 'utf8')).toBe('a')
    expect(readFileSync(served('tree/deep/b')).equals(large)).toBe(true)
    expect(existsSync(local('a'))).toBe(false)
    expect(existsSync(local('tree/deep/b'))).toBe(false)
    expect(existsSync(local('tree/deep'))).toBe(true)
    expect(existsSync(local('tree/empty'))).toBe(true)
  })

  test.each([[['a']], [['-r', 'a', 'tree', '-O', '/']]])(
    'keeps what --on-exists skip has skipped: %j',
    async (what) => {
      mkdirSync(local('tree'))
      mkdirSync(served('tree'))
      for (const name of ['a', 'tree/b']) {
        writeFileSync(local(name), 'new')
        writeFileSync(served(name), 'old')
      }
      expect(await run('put', '-E', '--on-exists', 'skip', ...what)).toMatchObject({ exitCode: 0 })
      for (const name of ['a', 'tree/b']) expect(readFileSync(local(name), 'utf8')).toBe('new')
    },
  )

  test('deletes a file that is there already and equal, if it was compared', async () => {
    writeFileSync(local('a'), 'same')
    writeFileSync(served('a'), 'same')
    const put = await run('put', '-E', '-c', 'a')
    expect(put).toMatchObject({ exitCode: 0 })
    expect(existsSync(local('a'))).toBe(false)
    expect(readFileSync(served('a'), 'utf8')).toBe('same')
  })

  test('keeps a file whose transfer has failed, and deletes the others', async () => {
    mkdirSync(served('a'))
    writeFileSync(local('a'), 'a')
    writeFileSync(local('b'), 'b')
    expect(await run('put', '-r', '-E', 'a', 'b', '-O', '/')).toMatchObject({ exitCode: 2 })
    expect(readFileSync(local('a'), 'utf8')).toBe('a')
    expect(existsSync(local('b'))).toBe(false)
  })

  test.each(['cut', 'corrupt'] as const)('keeps a file whose transfer was %s', async (what) => {
    writeFileSync(local('a'), large)
    proxy.fault = { what, towards: 'to the server', at: 5_000_000 }
    const put = ['put', '-E', 'a', '--retries', '0', '--url', `jftp://127.0.0.1:${proxy.port}/`]
    expect((await ftp(put, { cwd: folder.path })).exitCode).not.toBe(0)
    expect(proxy.struck).toBe(1)
    expect(readFileSync(local('a')).equals(large)).toBe(true)
    expect(existsSync(served('a'))).toBe(false)
  })

  test('keeps a file that was replaced by itself', async () => {
    writeFileSync(served('a'), 'a')
    const put = await ftp(['put', '-E', served('a'), `${daemon.url}/`], { cwd: folder.path })
    expect(put.stderr).toContain('it changed while it was transferred, so it was not deleted')
    expect(put.exitCode).toBe(7)
    expect(readFileSync(served('a'), 'utf8')).toBe('a')
  })

  test.each([
    ['by its name', ['-c', 'a'], ''],
    ['in a tree', ['-c', '-r', 'tree', '-O', '/'], ''],
    ['behind a link to its folder', ['-c', 'link/a'], 'a'],
  ])('keeps the file that the server compares with itself: %s', async (_what, args, at) => {
    mkdirSync(served('tree'))
    writeFileSync(served('a'), 'a')
    writeFileSync(served('tree/b'), 'b')
    symlinkSync(root.path, local('link'))
    const cwd = at === '' ? root.path : folder.path
    const put = await ftp(['put', '-E', ...args, '--url', daemon.url], { cwd })
    expect(put.stderr).toContain('it is the file that the server has, so it was not deleted')
    expect(put.exitCode).toBe(7)
    expect(readFileSync(served('a'), 'utf8')).toBe('a')
    expect(readFileSync(served('tree/b'), 'utf8')).toBe('b')
    for (const path of [root.path, served('tree')]) expect(namesIn(path)).not.toContain('removed')
  })

  test('keeps a file that was compared if the server does not say that it has its own', async () => {
    writeFileSync(local('a'), 'same')
    writeFileSync(served('a'), 'same')
    await using listener = await Listener.start(({ cmd }) => (cmd === 'stat' ? 'cut' : 'pass'))
    const put = ['put', '-E', '-c', 'a', '--retries', '0', '--url', listener.url]
    expect(await ftp(put, { cwd: folder.path })).toMatchObject({ exitCode: 3 })
    expect(listener.commands).toEqual(expect.arrayContaining(['put', 'stat']))
    expect(readFileSync(local('a'), 'utf8')).toBe('same')
    expect(namesIn(folder.path)).not.toContain('removed')
  })

  test('replaces no file that came in the place of one that was compared', async () => {
    writeFileSync(local('a'), 'same')
    writeFileSync(served('a'), 'same')
    await using listener = await Listener.start(({ cmd }) => {
      if (cmd !== 'stat') return 'pass'
      writeFileSync(local('a'), 'new')
      return 'cut'
    })
    const put = ['put', '-E', '-c', 'a', '--retries', '0', '--url', listener.url]
    const { exitCode, stderr } = await ftp(put, { cwd: folder.path })
    expect(exitCode).toBe(7)
    expect(readFileSync(local('a'), 'utf8')).toBe('new')
    const aside = readdirSync(folder.path).find((name) => name.startsWith('.jftp-removed-')) ?? ''
    expect(stderr).toContain(
      `another file of this name is there now, and the one before it is ${local(aside)}`,
    )
    expect(readFileSync(local(aside), 'utf8')).toBe('same')
  })

  test.each([
    [['put', '-E', '-', 'x'], "-E deletes files, and '-' is stdin"],
    [['put', '-E', '--digest', 'none', 'a'], '-E deletes only what was verified'],
    [['get', '-E', '--digest', 'none', 'a'], '-E deletes only what was verified'],
    [['get', '-E', 'a', '-'], "-E can't know what becomes of stdout"],
  ])('%j is refused', async (args, message) => {
    writeFileSync(local('a'), 'a')
    writeFileSync(served('a'), 'a')
    const end = await run(...args)
    expect(end).toMatchObject({ exitCode: 2 })
    expect(end.stderr).toContain(message)
    expect(existsSync(local('a')) && existsSync(served('a'))).toBe(true)
  })
})

describe('get -E', () => {
  test('deletes each file that was fetched, and no folder', async () => {
    writeFileSync(served('a'), 'a')
    mkdirSync(served('tree/empty'), { recursive: true })
    mkdirSync(served('tree/deep'))
    writeFileSync(served('tree/deep/b'), large)
    expect(await run('get', '-E', 'a')).toMatchObject({ exitCode: 0 })
    expect(await run('get', '-r', '-E', '-j', '2', 'tree')).toMatchObject({ exitCode: 0 })
    expect(readFileSync(local('a'), 'utf8')).toBe('a')
    expect(readFileSync(local('tree/deep/b')).equals(large)).toBe(true)
    expect(existsSync(served('a'))).toBe(false)
    expect(existsSync(served('tree/deep/b'))).toBe(false)
    expect(existsSync(served('tree/deep'))).toBe(true)
    expect(existsSync(served('tree/empty'))).toBe(true)
  })

  test.each([[['a']], [['-r', 'a', 'tree', '-O', '.']]])(
    'keeps what --on-exists skip has skipped: %j',
    async (what) => {
      mkdirSync(local('tree'))
      mkdirSync(served('tree'))
      for (const name of ['a', 'tree/b']) {
        writeFileSync(local(name), 'old')
        writeFileSync(served(name), 'new')
      }
      expect(await run('get', '-E', '--on-exists', 'skip', ...what)).toMatchObject({ exitCode: 0 })
      for (const name of ['a', 'tree/b']) expect(readFileSync(served(name), 'utf8')).toBe('new')
    },
  )

  test.each(['cut', 'corrupt'] as const)('keeps a file whose transfer was %s', async (what) => {
    writeFileSync(served('a'), large)
    proxy.fault = { what, towards: 'to the client', at: 5_000_000 }
    const get = ['get', '-E', 'a', '--retries', '0', '--url', `jftp://127.0.0.1:${proxy.port}/`]
    expect((await ftp(get, { cwd: folder.path })).exitCode).not.toBe(0)
    expect(proxy.struck).toBe(1)
    expect(readFileSync(served('a')).equals(large)).toBe(true)
    expect(existsSync(local('a'))).toBe(false)
  })

  test('keeps a file that a device has swallowed', async () => {
    writeFileSync(served('a'), 'a')
    symlinkSync('/dev/null', local('nothing'))
    for (const sink of ['/dev/null', 'nothing']) {
      await run('get', '-E', 'a', '-o', sink)
      expect(readFileSync(served('a'), 'utf8')).toBe('a')
    }
  })

  test('keeps a file that changes between the last look at it and its removal', async () => {
    writeFileSync(served('a'), 'a')
    await using listener = await Listener.start(({ cmd }) => {
      if (cmd === 'rm') appendFileSync(served('a'), 'more')
      return 'pass'
    })
    const { exitCode, stderr } = await ftp(['get', '-E', 'a', '--url', listener.url], { cwd: folder.path })
    expect(listener.commands.filter((cmd) => cmd === 'rm')).toEqual(['rm'])
    expect(stderr).toContain('it is another version now, so it was not removed')
    expect(exitCode).toBe(7)
    expect(readFileSync(local('a'), 'utf8')).toBe('a')
    expect(readFileSync(served('a'), 'utf8')).toBe('amore')
  })

  test('deletes a link, and keeps it if what it leads to has changed', async () => {
    writeFileSync(served('target'), 'a')
    symlinkSync('target', served('link'))
    await using listener = await Listener.start(({ cmd }) => {
      if (cmd === 'rm') appendFileSync(served('target'), 'more')
      return 'pass'
    })
    expect(await ftp(['get', '-E', 'link', '--url', listener.url], { cwd: folder.path })).toMatchObject({
      exitCode: 7,
    })
    expect(readFileSync(served('link'), 'utf8')).toBe('amore')
    expect(await run('get', '-E', 'link')).toMatchObject({ exitCode: 0 })
    expect(existsSync(served('link'))).toBe(false)
    expect(readFileSync(served('target'), 'utf8')).toBe('amore')
  })

  test('keeps a file that has changed after it was sent', async () => {
    const content = Buffer.alloc(200_000, 'content')
    writeFileSync(served('a'), content)
    proxy.pieceSize = 16
    const url = `jftp://127.0.0.1:${proxy.port}/`
    const { child, end } = startFtp(['get', '-E', 'a', '--url', url], { cwd: folder.path })
    child.stdin?.end()
    // The server has sent all of it then, and the proxy has not passed on the rest.
    await expect
      .poll(() => proxy.passed['to the client'], { interval: 1, timeout: 20_000 })
      .toBeGreaterThan(content.length)
    appendFileSync(served('a'), 'more')
    const { exitCode, stderr } = await end
    expect(stderr).toContain('it changed while it was transferred, so it was not deleted')
    expect(exitCode).toBe(7)
    expect(readFileSync(local('a')).equals(content)).toBe(true)
    expect(readFileSync(served('a'), 'utf8')).toBe(`${content}more`)
  })
})

const namesIn = (path: string) => readdirSync(path).join(' ')

/** Reads the requests of a client on their way to ftpd, and decides what becomes of the connection before each goes on. */
class Listener implements AsyncDisposable {
  readonly commands: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(decide: (request: { cmd: string }) => 'pass' | 'cut') {
    this.#server = createServer((client) => {
      const server = connect(connectOptions(daemon.place))
      const decoder = new FrameDecoder({ data: 'pieces' })
      for (const socket of [client, server]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => void [client, server].map((each) => each.destroy()))
      }
      server.pipe(client)
      client.on('data', (chunk: Buffer) => {
        decoder.push(chunk)
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          if (frame.type !== FrameType.REQUEST) continue
          const { cmd } = parseRequest(frame.payload)
          this.commands.push(cmd)
          if (decide({ cmd }) === 'cut') return void client.destroy()
        }
        server.write(chunk)
      })
    })
  }

  static async start(decide: (request: { cmd: string }) => 'pass' | 'cut'): Promise<Listener> {
    const listener = new Listener(decide)
    listener.#server.listen(0, '127.0.0.1')
    await once(listener.#server, 'listening')
    return listener
  }

  get url(): string {
    return `jftp://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

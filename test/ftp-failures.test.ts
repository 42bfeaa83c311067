import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { encodeJsonFrame, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { ack, HostileServer } from './client-hostile-server.js'
import { ftp } from './ftp-process.js'
import { connectOptions } from './place.js'
import { ScratchFolder } from './scratch-folder.js'
import { daemon, scratch, serveScratch } from './served-scratch.js'

serveScratch(() => {
  mkdirSync(join(scratch.remote, 'folder'))
  mkdirSync(join(scratch.remote, 'box'))
  mkdirSync(join(scratch.local, 'folder'))
  writeFileSync(join(scratch.remote, 'file'), 'remote')
  writeFileSync(join(scratch.local, 'file'), 'local')
})

describe('a failure has its exit code and one line with cause', () => {
  test.each<[number, string, string[]]>([
    [2, "ftp: no command 'lss'; did you mean 'ls'?", ['lss', 'URL/']],
    [2, "ftp: ls: no flag '--jsn'; did you mean '--json'?", ['ls', '--jsn', 'URL/']],
    [2, 'ftp: get: REMOTE is missing: get [flags] REMOTE… [LOCAL/|-]', ['get']],
    [
      2,
      "ftp: ls: --digest must be md5, sha256, blake3, xxh128 or none, not 'x'",
      ['ls', '--digest', 'x', 'URL/'],
    ],
    [2, "ftp: ls: '--progress json' is a part of what --json prints", ['ls', '--progress', 'json', 'URL/']],
    [2, 'ftp: ls: no server to talk to; write a URL', ['ls', '/x']],
    [2, 'ftp: ls: not a URL of jftp:', ['ls', 'jftp://127.0.0.1:notaport/']],
    [2, 'ftp: get: /box: ', ['get', 'URL/box']],
    [2, 'ftp: get: /box: ', ['get', 'URL/box/']],
    [2, 'ftp: cd: /file: not a folder', ['cd', 'URL/file']],
    [2, 'folder', ['put', 'folder', 'URL/']],
    [2, 'ftp: rm: /folder: is a folder; rm -r removes it with all that is in it', ['rm', 'URL/folder']],
    [2, 'file', ['get', 'URL/file', '-o', 'file/x']],
    [2, "there is no local folder 'x'; to name the local file write: -o x", ['get', 'URL/file', 'x']],
    [2, 'ftp: put: /: stdin has no name of its own; give it one', ['put', '-', 'URL/']],
    [3, 'connection refused', ['ls', 'jftp://127.0.0.1:1/']],
    [3, 'no-such-host.invalid', ['ls', 'jftp://no-such-host.invalid/']],
    [5, 'ftp: get: /nope: no such file or folder', ['get', 'URL/nope']],
    [5, 'ftp: cd: /nope: no such file or folder', ['cd', 'URL/nope']],
    [5, 'nope', ['put', 'nope', 'URL/']],
    [5, 'ftp: put: /nope/file: its folder does not exist; --mkdir makes it', ['put', 'file', 'URL/nope/']],
    [5, 'no such local folder; make it first', ['get', '-O', 'nope', 'URL/file']],
    [7, 'ftp: mkdir: /folder: ', ['mkdir', 'URL/folder']],
    [7, 'ftp: put: /file: ', ['put', '--on-exists', 'fail', 'file', 'URL/']],
    [7, 'file', ['get', '--on-exists', 'fail', 'URL/file']],
  ])('%d: %s', async (exitCode, message, args) => {
    const end = await ftp(
      args.map((arg) => arg.replace('URL', daemon.url)),
      { cwd: scratch.local },
    )
    expect(end).toMatchObject({ exitCode, stdout: '' })
    expect(end.stderr).toContain(message)
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(scratch.names('local')).toEqual(['file', 'folder'])
  })

  test('as JSON too', async () => {
    const { events, exitCode } = await ftp(['get', `${daemon.url}/nope`, '--json'], { cwd: scratch.local })
    expect(exitCode).toBe(5)
    expect(events).toMatchObject([
      { event: 'transfer', path: '/nope', status: 'failed' },
      { event: 'error', code: 'not-found', retryable: false, path: '/nope' },
      { event: 'result', exitCode: 5, failed: 1 },
    ])
  })

  test('with the id that the log of the server has for it: as JSON, and with -v', async () => {
    const { events } = await ftp(['get', `${daemon.url}/nope`, '--json'], { cwd: scratch.local })
    const { id } = events.find(({ event }) => event === 'error') ?? {}
    expect(await daemon.logged((line) => line['id'] === id)).toMatchObject({
      type: 'transfer',
      path: '/nope',
    })
    const { stderr } = await ftp(['-v', 'rm', `${daemon.url}/nope`])
    const [, told] = /the server's log has it as request (\S+)$/m.exec(stderr) ?? []
    expect(await daemon.logged((line) => line['id'] === told)).toMatchObject({ type: 'change', op: 'rm' })
  })
})

test('pwd says of a file that it is no folder, also as JSON', async () => {
  const end = await ftp(['pwd', `${daemon.url}/file`, '--json'])
  expect(end.exitCode).toBe(2)
  expect(end.events[0]).toMatchObject({ event: 'error', code: 'not-a-directory', path: '/file' })
})

test("'-' and --json can't share stdout", async () => {
  const end = await ftp(['get', `${daemon.url}/file`, '-', '--json'])
  expect(end.exitCode).toBe(2)
  expect(end.events[0]).toMatchObject({ event: 'error', code: 'usage' })
})

describe('several files', () => {
  const put = (...files: string[]) => ftp(['put', ...files, `${daemon.url}/`], { cwd: scratch.local })

  test('all are tried; the code is the one all failures agree on', async () => {
    const end = await put('nope-1', 'file', 'nope-2')
    expect(end.exitCode).toBe(5)
    expect(end.stderr).toMatch(
      /3 files: 1 sent, 2 failed · .* · md5 verified\nftp: put: .*nope.*\nftp: put: .*nope.*\n$/,
    )
  })

  test('or 1 where they differ', async () => {
    expect((await put('nope', 'folder')).exitCode).toBe(1)
  })
})

test('of what only the operator can find the cause of, the message says what to look for in the log', async () => {
  const error = { code: 'io-error', message: 'the disk failed', retryable: false, id: '9f3a04c1-7\u001b[31m' }
  await using server = await HostileServer.start({
    rm: (id) => [encodeJsonFrame(FrameType.ACK, id, { ok: false, error })],
  })
  const { exitCode, stderr } = await ftp(['rm', `${server.url}/a`])
  expect([exitCode, stderr]).toEqual([1, 'ftp: rm: /a: the disk failed (request 9f3a04c1-7\\e[31m)\n'])
})

test('one file that the server is busy with ends no other', async () => {
  const digest = { alg: 'md5', hex: createHash('md5').update('x').digest('hex') }
  const refusal = { ok: false, error: { code: 'busy', message: 'it is on another mount', retryable: true } }
  const isBusy = (path: unknown) => path === '/3'
  await using server = await HostileServer.start({
    put: (id, { path }) => [
      isBusy(path)
        ? encodeJsonFrame(FrameType.ACK, id, refusal)
        : ack(id, { status: 'stored', path, size: 1, digest }),
    ],
  })
  using many = new ScratchFolder()
  // More than are asked for at once.
  const names = Array.from({ length: 100 }, (_, index) => String(index))
  for (const name of names) writeFileSync(join(many.local, name), 'x')
  const end = await ftp(['put', ...names, `${server.url}/`], { cwd: many.local })
  expect(end.stderr).toContain('100 files: 99 sent, 1 failed')
  expect(end.exitCode).toBe(3)
})

describe('a server that is none', () => {
  test('an HTTP server is told from ours', async () => {
    await using http = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect(await ftp(['ls', `jftp://127.0.0.1:${http.port}/`])).toMatchObject({ exitCode: 12, stdout: '' })
  })

  test.each([
    ['ls', ['ls']],
    ['put', ['put', 'file']],
    ['a batch', ['-c', 'pwd; ls']],
  ])('one that answers nothing after the login ends %s after the timeout', async (_what, args) => {
    await using silent = await HostileServer.start({})
    const end = await ftp(['--timeout', '200ms', '--url', `${silent.url}/`, ...args], { cwd: scratch.local })
    expect(end.exitCode).toBe(3)
    expect(end.stderr).toContain('has stalled: waited 200 ms for')
  })

  test('one that never speaks runs into the timeout', async () => {
    await using silent = await listen(() => {})
    const end = await ftp(['ls', '--timeout', '200ms', `jftp://127.0.0.1:${silent.port}/`])
    expect(end).toMatchObject({ exitCode: 3, stdout: '' })
  })
})

test('a byte that changes on the way is found, and nothing is kept', async () => {
  writeFileSync(join(scratch.remote, 'big'), Buffer.alloc(1_000_000, 'a'))
  await using proxy = await listen((socket) => {
    const server = connect(connectOptions(daemon.place))
    socket.pipe(server)
    let seen = 0
    server.on('data', (chunk) => {
      if (seen <= 500_000 && seen + chunk.length > 500_000) chunk[500_000 - seen] = 0x62
      seen += chunk.length
      socket.write(chunk)
    })
    server.on('close', () => socket.destroy())
    socket.on('error', () => server.destroy())
  })
  const end = await ftp(['get', '--retries', '0', `jftp://127.0.0.1:${proxy.port}/big`], {
    cwd: scratch.local,
  })
  expect(end).toMatchObject({ exitCode: 8, stdout: '' })
  expect(scratch.names('local')).toEqual(['file', 'folder'])
})

/** A TCP server on a free port that treats its visitors so. */
async function listen(visit: (socket: Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    visit(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('-v says what was behind a failure, and nothing twice', async () => {
  const end = await ftp(['-v', 'ls', `${daemon.url}/missing`])
  expect(end.stderr).toMatch(/^ftp: ls: \/missing: no such file or folder\n.* as request [0-9a-f]{8}-\d+\n$/)
})

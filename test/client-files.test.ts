import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect } from '@jftp/client'
import { beforeEach, describe, expect, test } from 'vitest'
import { ack, data, end, HostileServer } from './client-hostile-server.js'
import { client, connectForEachTest, ftpd, local, served } from './connected-client.js'
import { startFtp } from './ftp-process.js'
import { visible } from './temp-folder.js'

connectForEachTest()

const modeOf = (path: string) => statSync(path).mode & 0o7777
const parts = () => readdirSync(ftpd.local).filter((name) => name.endsWith('.part'))

describe('permission bits', () => {
  test.each([0o600, 0o640, 0o755, 0o777, 0o444])('%o travel both ways, less the umask', async (mode) => {
    writeFileSync(local('file'), 'content')
    chmodSync(local('file'), mode)
    await client.put(local('file'), '/file')
    expect(modeOf(served('file'))).toBe(mode & ~process.umask())
    chmodSync(served('file'), mode)
    await client.get('/file', local('back'))
    expect(modeOf(local('back'))).toBe(mode & ~process.umask())
  })

  test('of a remote secret hold for the part of it that has come, too', async () => {
    await using server = await HostileServer.start({
      get: (id) => [ack(id, { path: '/f', size: 5, mtime: 0, mode: 0o600 }), data(id, 'he')],
    })
    await using other = await connect(server.url)
    const failed = expect(other.get('/f', local('secret'))).rejects.toMatchObject({ code: 'closed' })
    await expect.poll(() => parts().length).toBe(1)
    for (const name of parts()) expect(modeOf(local(name))).toBe(0o600)
    await other.close()
    await failed
  })

  test('of a copy beside an older file are the remote ones', async () => {
    writeFileSync(served('secret'), 'new', { mode: 0o600 })
    writeFileSync(local('secret'), 'old', { mode: 0o644 })
    const got = await client.get('/secret', local('secret'), { onExists: 'rename' })
    expect(got.local).toBe(local('secret.new'))
    expect(modeOf(local('secret.new'))).toBe(0o600)
  })
})

test.each([Number.MAX_SAFE_INTEGER, 8.64e15, 253_402_300_800_000, -1_000_000_000, Number.MIN_SAFE_INTEGER])(
  'a remote time of %i ms fails no get that keeps it',
  async (mtime) => {
    await using server = await HostileServer.start({
      get: (id) => [
        ack(id, { path: '/f', size: 2, mtime, mode: 0o600 }),
        data(id, 'he'),
        end(id, { size: 2 }),
      ],
    })
    await using other = await connect(server.url)
    await other.get('/f', local('odd'), { digest: 'none', preserve: 'times-and-mode' })
    expect(readFileSync(local('odd'), 'utf8')).toBe('he')
  },
)

test.runIf(process.platform === 'linux')(
  'a local time that the protocol cannot say fails no put',
  async () => {
    const path = `/dev/shm/jftp-odd-${process.pid}`
    writeFileSync(path, 'x')
    try {
      utimesSync(path, 9e15, 9e15)
      expect(await client.put(path, '/odd', { preserve: 'times-and-mode' })).toMatchObject({ status: 'sent' })
    } finally {
      rmSync(path)
    }
  },
)

describe.runIf(process.platform === 'linux')('what is no regular file', () => {
  beforeEach(() => {
    execFileSync('mkfifo', [local('pipe')])
  })

  test('is neither put nor got into, and a writer of a pipe does not notice', async () => {
    await using server = createServer().listen(local('socket'))
    await once(server, 'listening')
    const writer = spawn('sh', ['-c', 'echo whole > pipe'], { cwd: ftpd.local })
    const wanted = { code: 'local-not-a-file' }
    writeFileSync(served('file'), 'x')
    for (const [path, kind] of [
      [local('pipe'), 'named pipe'],
      [local('socket'), 'socket'],
      ['/dev/null', 'device'],
    ] as const) {
      const message = expect.stringContaining(`it is a ${kind} and not a regular file`)
      await expect(client.put(path, '/x')).rejects.toMatchObject({ ...wanted, path, message })
      await expect(client.get('/file', path)).rejects.toMatchObject({ ...wanted, path, message })
    }
    expect(visible(ftpd.root)).toEqual(['file'])
    expect(readFileSync(local('pipe'), 'utf8')).toBe('whole\n')
    expect(await once(writer, 'exit')).toEqual([0, null])
  })

  test("may be named as a shell's <(command) names it", async () => {
    const { stderr } = await promisify(execFile)('bash', [
      '-c',
      `"$0" ${join(import.meta.dirname, '../bin/ftp.js')} put <(printf piped) ${ftpd.url}/piped`,
      process.execPath,
    ])
    expect(readFileSync(served('piped'), 'utf8')).toBe('piped')
    expect(stderr).not.toContain('rror')
  })
})

describe('a get that keeps what is there', () => {
  test('numbers its copies and says the name of each', async () => {
    writeFileSync(local('file'), 'first')
    const names: (string | undefined)[] = []
    for (const text of ['second', 'third', 'fourth']) {
      writeFileSync(served('file'), text)
      names.push((await client.get('/file', local('file'), { onExists: 'rename' })).local)
    }
    expect(names).toEqual(['file.new', 'file.new.2', 'file.new.3'].map(local))
    expect([local('file'), ...names].map((name) => readFileSync(name as string, 'utf8'))).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ])
  })

  test('loses none of many that come at once', async () => {
    writeFileSync(served('file'), 'x')
    const gets = Array.from({ length: 20 }, () => client.get('/file', local('file'), { onExists: 'rename' }))
    const names = (await Promise.all(gets)).map((got) => got.local)
    expect(new Set(names).size).toBe(20)
    expect(readdirSync(ftpd.local).filter((name) => name.startsWith('file')).length).toBe(20)
  })
})

describe('a local link that a get is to write to', () => {
  test('stays, and the file goes to where it leads', async () => {
    writeFileSync(served('file'), 'new')
    mkdirSync(local('deep'))
    mkdirSync(local('elsewhere'))
    writeFileSync(local('elsewhere/real'), 'old')
    // Two links, the second one relative to the folder that the first one leads to.
    symlinkSync('../elsewhere/real', local('deep/second'))
    symlinkSync('deep/second', local('link'))
    const got = await client.get('/file', local('link'))
    expect(got.local).toBe(local('link'))
    expect(lstatSync(local('link')).isSymbolicLink()).toBe(true)
    expect(lstatSync(local('deep/second')).isSymbolicLink()).toBe(true)
    expect(readFileSync(local('elsewhere/real'), 'utf8')).toBe('new')
    expect(await client.get('/file', local('link'), { onExists: 'rename' })).toMatchObject({
      local: local('elsewhere/real.new'),
    })
  })

  test('may lead to a name that does not exist yet', async () => {
    writeFileSync(served('file'), 'new')
    symlinkSync('nothing-yet', local('link'))
    await client.get('/file', local('link'))
    expect(readFileSync(local('nothing-yet'), 'utf8')).toBe('new')
    expect(lstatSync(local('link')).isSymbolicLink()).toBe(true)
  })

  test('may not lead in a circle', async () => {
    writeFileSync(served('file'), 'new')
    symlinkSync('b', local('a'))
    symlinkSync('a', local('b'))
    await expect(client.get('/file', local('a'))).rejects.toMatchObject({
      code: 'local-io',
      message: expect.stringContaining('circle'),
    })
  })
})

describe('the part file of a get', () => {
  test('that was killed is removed by the next get, one that is in use is not', async () => {
    await using stuck = await HostileServer.start({
      get: (id) => [ack(id, { path: '/f', size: 5, mtime: 0, mode: 0o644 }), data(id, 'he')],
    })
    const killed = startFtp(['get', `${stuck.url}/f`, '-o', local('f')])
    await expect.poll(() => parts().length).toBe(1)
    const [left = ''] = parts()
    killed.child.kill('SIGKILL')
    await killed.end
    const alive = startFtp(['get', `${stuck.url}/f`, '-o', local('g')])
    await expect.poll(() => parts().length, { timeout: 5000 }).toBeGreaterThan(0)
    await expect.poll(() => parts().filter((name) => name !== left).length, { timeout: 5000 }).toBe(1)
    const used = parts().filter((name) => name !== left)
    writeFileSync(served('f'), 'whole')
    await client.get('/f', local('f'))
    expect(parts()).toEqual(used)
    expect(readFileSync(local('f'), 'utf8')).toBe('whole')
    alive.child.kill('SIGKILL')
    await alive.end
    await using later = await connect(ftpd.url)
    await later.get('/f', local('f'))
    expect(parts()).toEqual([])
  })
})

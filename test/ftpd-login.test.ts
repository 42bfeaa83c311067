import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'
import { UsersFile } from './users.js'

let users: UsersFile
makeRootForEachTest(() => {
  users = new UsersFile(folder.path)
})

const logIn = (user: string, password?: string) => ({ user, method: 'password', password })

describe.each(SERVERS)('%s', (_name, args) => {
  const start = (...more: string[]) => DaemonProcess.start(root, [...args, ...users.args, ...more])
  const connect = async (daemon: DaemonProcess) => {
    const client = await RawClient.connect(daemon.place)
    client.send(say.hello())
    const hello = await client.next()
    return { client, methods: hello?.json['login'] }
  }

  test('who knows the password gets in, and nobody else', async () => {
    await users.add('ann', 'öffne dich', '--home', '/ann', '--allow', 'list,read')
    await users.run('add', ['bob', '--no-password'])
    // So many failures would delay the next login for seconds, and each check takes its time.
    await using daemon = await start('--max-failed-logins', '0', '--login-timeout', '120')
    const { client, methods } = await connect(daemon)
    using _client = client
    expect(methods).toEqual(['password', 'token'])
    const refusals = [
      logIn('ann', 'guess-9'),
      logIn('ann', ''),
      logIn('ann'),
      logIn('nobody', 'öffne dich'),
      logIn('bob', ''),
      logIn('__proto__', 'x'),
      logIn('', ''),
    ]
    for (const [id, refused] of refusals.entries()) {
      expect(await client.ask(id, 'login', refused)).toEqual({
        ok: false,
        error: {
          ...{ code: 'login-failed', message: 'the user name or the password is wrong', retryable: false },
          id: expect.any(String),
        },
      })
    }
    expect(await client.ask(20, 'pwd')).toMatchObject({ error: { code: 'login-required' } })
    expect(await client.ask(21, 'login', { user: 'anonymous' })).toMatchObject({
      error: { code: 'login-failed', message: 'this server has no anonymous visitors; log in as a user' },
    })
    expect(await client.ask(22, 'login', { user: 'ann' })).toMatchObject({ error: { code: 'login-failed' } })
    // Written in another form of Unicode: the text is the same.
    expect(await client.ask(23, 'login', logIn('ann', 'o\u0308ffne dich'))).toEqual({
      ok: true,
      user: 'ann',
      home: '/',
      permissions: ['list', 'read'],
    })
    const log = JSON.stringify(daemon.lines)
    expect(log).not.toContain('ffne')
    expect(log).not.toContain('guess-9')
  })

  test('requests that come with the login wait for it', async () => {
    await users.add('ann', 'x')
    await using daemon = await start()
    using client = await RawClient.connect(daemon.place)
    client.send(
      say.hello(),
      say.request(1, 'login', logIn('ann', 'x')),
      say.eagerPut(2, '/a', 'content'),
      say.request(3, 'pwd'),
    )
    await client.next()
    expect(await client.ack(1)).toMatchObject({ ok: true })
    expect(await client.ack(2)).toMatchObject({ status: 'stored' })
    expect(await client.ack(3)).toMatchObject({ path: '/' })
  })

  test('a home is the root of its user: nothing outside is seen, reached or changed', async () => {
    mkdirSync(join(root, 'ann/sub'), { recursive: true })
    mkdirSync(join(root, 'bob'))
    writeFileSync(join(root, 'bob/secret'), 'secret')
    symlinkSync('../bob', join(root, 'ann/out'))
    symlinkSync(join(root, 'bob'), join(root, 'ann/absolute'))
    symlinkSync('sub', join(root, 'ann/in'))
    await users.add('ann', 'x', '--home', '/ann')
    await using daemon = await start()
    const { client } = await connect(daemon)
    using _client = client
    await client.ask(1, 'login', logIn('ann', 'x'))
    expect(await client.ask(2, 'ls', { path: '/' })).toMatchObject({ ok: true })
    const names = (await client.body(2)).bytes.toString()
    expect(names).toContain('"sub"')
    expect(names).not.toContain('.jftp')
    expect(errorCode(await client.ask(3, 'get', { path: '/../bob/secret' }))).toBe('bad-request')
    for (const [id, path] of ['/out/secret', '/absolute/secret'].entries()) {
      expect(errorCode(await client.ask(10 + id, 'get', { path }))).toBe('permission-denied')
      client.send(say.eagerPut(20 + id, path, 'changed'))
      expect(errorCode(await client.ack(20 + id))).toBe('permission-denied')
      expect(errorCode(await client.ask(30 + id, 'rm', { path }))).toBe('permission-denied')
      expect(errorCode(await client.ask(40 + id, 'mv', { from: '/sub', to: path }))).toBe('permission-denied')
      expect(errorCode(await client.ask(50 + id, 'cp', { from: path, to: '/x' }))).toBe('permission-denied')
    }
    client.send(say.eagerPut(60, '/in/a', 'content'))
    expect(await client.ack(60)).toMatchObject({ status: 'stored' })
    expect(readFileSync(join(root, 'ann/sub/a'), 'utf8')).toBe('content')
    expect(readdirSync(join(root, 'ann')).sort()).toEqual(['absolute', 'in', 'out', 'sub'])
    expect(readFileSync(join(root, 'bob/secret'), 'utf8')).toBe('secret')
  })

  test('a home that is missing is made, and one that leads out of the root lets nobody in', async () => {
    symlinkSync(folder.path, join(root, 'link'))
    await users.add('ann', 'x', '--home', '/homes/ann')
    await users.add('eve', 'x', '--home', '/link')
    await using daemon = await start()
    const { client } = await connect(daemon)
    using _client = client
    expect(errorCode(await client.ask(1, 'login', logIn('eve', 'x')))).toBe('permission-denied')
    expect(errorCode(await client.ask(2, 'pwd'))).toBe('login-required')
    expect(await client.ask(3, 'login', logIn('ann', 'x'))).toMatchObject({ ok: true })
    expect(existsSync(join(root, 'homes/ann'))).toBe(true)
  })

  test('with --anonymous read both may come in', async () => {
    await users.add('ann', 'x')
    await using daemon = await start('--anonymous', 'read')
    const { client, methods } = await connect(daemon)
    using _client = client
    expect(methods).toEqual(['anonymous', 'password', 'token'])
    expect(await client.ask(1, 'login', { user: 'anonymous' })).toMatchObject({
      permissions: ['list', 'read'],
    })
    expect(await client.ask(2, 'login', logIn('ann', 'x'))).toMatchObject({ user: 'ann' })
    const ready = await daemon.logged(({ type }) => type === 'ready')
    expect(ready).toMatchObject({ users: 1, anonymous: 'read' })
  })

  test('an operator who wants no visitors has none', async () => {
    await using daemon = await DaemonProcess.start(root, [...args, '--anonymous', 'none'])
    const { client, methods } = await connect(daemon)
    using _client = client
    expect(methods).toEqual([])
    expect(errorCode(await client.ask(1, 'login', { user: 'anonymous' }))).toBe('login-failed')
    expect(errorCode(await client.ask(2, 'login', logIn('ann', 'x')))).toBe('login-failed')
  })

  test('very many wrong passwords at once keep nobody else out', async () => {
    await users.add('ann', 'x')
    // The address is not banned here, because the last login comes from the same one.
    await using daemon = await start('--max-failed-logins', '0')
    const guesses = Array.from({ length: 40 }, async (_each, index) => {
      const { client } = await connect(daemon)
      using _client = client
      return errorCode(await client.ask(1, 'login', logIn('ann', `guess ${index}`)))
    })
    const codes = new Set(await Promise.all(guesses))
    // One address waits with eight at most; a client on a Unix socket has no other.
    expect([...codes].sort()).toEqual(['login-failed', 'rate-limited'])
    const { client } = await connect(daemon)
    using _client = client
    expect(await client.ask(1, 'login', logIn('ann', 'x'))).toMatchObject({ ok: true })
  })
})

test.each([
  ['a password that is too long', { password: 'x'.repeat(513) }, 'bad-request'],
  ['a password that is no text', { password: 7 }, 'bad-request'],
  ['a method that nobody knows', { method: 'kerberos', password: 'x' }, 'login-failed'],
  ['a method with the name of something else', { method: 'constructor', password: 'x' }, 'login-failed'],
])('%s is refused', async (_name, fields, code) => {
  await users.add('ann', 'x')
  await using daemon = await DaemonProcess.start(root, ['--workers', '1', ...users.args])
  using client = await RawClient.connect(daemon.place)
  client.send(say.hello(), say.request(1, 'login', { ...logIn('ann'), ...fields }))
  await client.next()
  expect(errorCode(await client.ack(1))).toBe(code)
})

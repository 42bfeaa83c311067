import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { ftp } from './ftp-process.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { ScratchFolder } from './scratch-folder.js'
import { ftpd, UsersFile } from './users.js'

let scratch: ScratchFolder
let users: UsersFile
beforeEach(() => {
  scratch = new ScratchFolder()
  users = new UsersFile(scratch.path)
})
afterEach(() => scratch[Symbol.dispose]())

const connect = async (daemon: DaemonProcess) => {
  const client = await RawClient.connect(daemon.place)
  client.send(say.hello())
  await client.next()
  return client
}

describe('ftpd token', () => {
  test('shows a token once, keeps only its hash, lists it and removes it', async () => {
    await users.add('ci', 'x')
    const { exitCode, stdout, stderr } = await ftpd(['token', 'add', 'ci', '--expires', '1h', ...users.args])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^jftp_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$/)
    expect(stderr).toMatch(/SIGHUP.*\ntoken [0-9a-f]{12} of ci, good until 2\S+; it is shown only now:\n$/)
    const file = readFileSync(users.path, 'utf8')
    const [, id = '', secret = ''] = /^jftp_([0-9a-f]+)_(.*)\n$/.exec(stdout) ?? []
    expect(file).toContain(id)
    expect(file).not.toContain(secret)
    await users.addToken(
      'ci',
      '--expires',
      'never',
      '--allow',
      '/r=list,write',
      '--note',
      'the nightly build',
    )
    const list = (await ftpd(['token', 'list', 'ci', ...users.args])).stdout
    expect(list).toContain(`${id}  ci  good until `)
    expect(list).toContain('good for ever  /r=list,write  "the nightly build"')
    expect((await ftpd(['token', 'remove', id, ...users.args])).stdout).toBe(`removed the token ${id}\n`)
    expect((await ftpd(['token', 'list', ...users.args])).stdout).not.toContain(id)
  })

  test.each([
    [['add', 'eve'], 'there is no user "eve"'],
    [['add', 'ci', '--expires', 'soon'], '--expires soon: a time such as'],
    [['add', 'ci', '--expires', '0'], '--expires 0: a time such as 30d, or never'],
    [['add', 'ci', '--allow', 'fly'], '--allow fly: '],
    [['list', 'eve'], 'there is no user "eve"'],
    [['remove', 'abc'], 'there is no token "abc"'],
    [['frob'], "unknown command 'frob'; see ftpd token --help"],
  ])('%j is refused and changes nothing', async (args, message) => {
    const before = '{"version":1,"users":[{"name":"ci"}]}'
    writeFileSync(users.path, before, { mode: 0o600 })
    const { exitCode, stderr } = await ftpd(['token', ...args, ...users.args])
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
    expect(readFileSync(users.path, 'utf8')).toBe(before)
  })
})

describe.each(SERVERS)('%s', (_name, args) => {
  const start = () => DaemonProcess.start(scratch.remote, [...args, ...users.args])

  test('who has a token gets in and may do what both the token and the user may', async () => {
    await users.add('ci', 'x', '--allow', 'list,read', '--allow', '/r=all', '--allow', '/r/locked=list')
    const { token } = await users.addToken('ci', '--allow', '/=list', '--allow', '/r=write,overwrite,list')
    const all = await users.addToken('ci')
    await using daemon = await start()
    using client = await connect(daemon)
    const other = token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const refusals = [
      { token: other },
      { token: `${token}x` },
      { token: '' },
      {},
      { token, user: 'ann' },
      { token: 'jftp_000000000000_' },
    ]
    for (const [id, refused] of refusals.entries()) {
      expect(await client.ask(id, 'login', { method: 'token', ...refused })).toMatchObject({
        error: {
          code: 'login-failed',
          message: 'the token is wrong, has expired or was removed, or is not of this user',
        },
      })
    }
    expect(await client.ask(10, 'login', { method: 'token', token })).toMatchObject({
      user: 'ci',
      permissions: ['list'],
    })
    expect(await client.ask(11, 'mkdir', { path: '/r/locked', parents: true })).toMatchObject({
      error: { code: 'permission-denied' },
    })
    using whole = await connect(daemon)
    expect(await whole.ask(1, 'login', { method: 'token', user: 'ci', token: all.token })).toMatchObject({
      permissions: ['list', 'read'],
    })
    const [id = ''] = /[0-9a-f]{12}/.exec(token) ?? []
    await daemon.logged((line) => line.type === 'login' && line['credential'] === `token ${id}`)
    // What is not there yet can't be made by the user outside of /r.
    expect(errorCode(await whole.ask(2, 'mkdir', { path: '/s' }))).toBe('permission-denied')
    const log = JSON.stringify(daemon.lines)
    expect(log).not.toContain(token.slice(-20))
  })

  test('a token that was removed ends its sessions, and no others', async () => {
    await users.add('ci', 'x')
    const removed = await users.addToken('ci')
    const kept = await users.addToken('ci')
    await using daemon = await start()
    using one = await connect(daemon)
    expect(await one.ask(1, 'login', { method: 'token', token: removed.token })).toMatchObject({ ok: true })
    using other = await connect(daemon)
    expect(await other.ask(1, 'login', { method: 'token', token: kept.token })).toMatchObject({ ok: true })
    await ftpd(['token', 'remove', removed.id, ...users.args])
    daemon.process.kill('SIGHUP')
    expect(await one.next()).toMatchObject({ type: 'BYE', json: { error: { code: 'permission-denied' } } })
    expect(await other.ask(2, 'pwd')).toMatchObject({ path: '/' })
    using again = await connect(daemon)
    expect(errorCode(await again.ask(1, 'login', { method: 'token', token: removed.token }))).toBe(
      'login-failed',
    )
  })

  test('SIGHUP puts the users file into force, or nothing of it', async () => {
    await users.add('ann', 'x')
    await users.add('bob', 'x')
    await users.add('eve', 'x')
    await using daemon = await start()
    const enter = async (user: string, password = 'x') => {
      const client = await connect(daemon)
      return { client, answer: await client.ask(1, 'login', { user, method: 'password', password }) }
    }
    const sessions = { ann: await enter('ann'), bob: await enter('bob'), eve: await enter('eve') }
    await users.run('remove', ['ann'])
    await users.run('set', ['bob', '--allow', 'list'])
    await users.add('new', 'x')
    daemon.process.kill('SIGHUP')
    await daemon.logged(({ type }) => type === 'reloaded')
    for (const { client } of [sessions.ann, sessions.bob]) {
      expect(await client.next()).toMatchObject({ type: 'BYE' })
      client[Symbol.dispose]()
    }
    expect(await sessions.eve.client.ask(2, 'pwd')).toMatchObject({ path: '/' })
    expect(errorCode((await enter('ann')).answer)).toBe('login-failed')
    expect((await enter('bob')).answer).toMatchObject({ permissions: ['list'] })
    expect((await enter('new')).answer).toMatchObject({ ok: true })
    writeFileSync(users.path, '{')
    daemon.process.kill('SIGHUP')
    expect(await daemon.logged(({ type }) => type === 'not-reloaded')).toMatchObject({
      reason: expect.stringContaining('is not JSON'),
    })
    expect((await enter('new')).answer).toMatchObject({ ok: true })
    expect(await sessions.eve.client.ask(3, 'pwd')).toMatchObject({ path: '/' })
  })

  test('the first user ends the access of anonymous visitors, unless the operator wants them', async () => {
    await using daemon = await DaemonProcess.start(scratch.remote, args, {
      env: { ...process.env, XDG_CONFIG_HOME: scratch.path },
    })
    using visitor = await RawClient.login(daemon.place)
    await ftpd(['user', 'add', 'ann', '--password-stdin'], {
      input: 'x',
      env: { XDG_CONFIG_HOME: scratch.path },
    })
    daemon.process.kill('SIGHUP')
    await daemon.logged(({ type }) => type === 'reloaded')
    expect(await visitor.next()).toMatchObject({ type: 'BYE' })
    using client = await RawClient.connect(daemon.place)
    client.send(say.hello())
    expect((await client.next())?.json['login']).toEqual(['password', 'token'])
  })

  test('a user has no more sessions than allowed, in whatever threads they are', async () => {
    await users.add('ann', 'x', '--max-sessions', '3')
    await users.add('bob', 'x')
    await using daemon = await start()
    const clients = await Promise.all(Array.from({ length: 6 }, () => connect(daemon)))
    const logIn = (client: RawClient, user = 'ann') =>
      client.ask(1, 'login', { user, method: 'password', password: 'x' })
    const answers = await Promise.all(clients.map((client) => logIn(client)))
    expect(answers.filter(({ ok }) => ok === true)).toHaveLength(3)
    const refused = answers.filter(({ ok }) => ok !== true)
    for (const answer of refused) expect(errorCode(answer)).toBe('too-many-connections')
    const [inside] = clients.filter((_client, index) => answers[index]?.['ok'] === true)
    const [outside] = clients.filter((_client, index) => answers[index]?.['ok'] !== true)
    if (inside === undefined || outside === undefined) throw new Error('unreachable')
    // Whoever has a session may log in again on it.
    expect(await logIn(inside)).toMatchObject({ ok: true })
    expect(await logIn(outside, 'bob')).toMatchObject({ ok: true })
    inside[Symbol.dispose]()
    await daemon.logged(({ type }) => type === 'session-ended')
    using next = await connect(daemon)
    expect(await logIn(next)).toMatchObject({ ok: true })
    for (const client of clients) client[Symbol.dispose]()
  })
})

test('a token that expires lets nobody in any more, and ends its sessions', async () => {
  await users.add('ci', 'x')
  const { token } = await users.addToken('ci', '--expires', '8s')
  await using daemon = await DaemonProcess.start(scratch.remote, ['--workers', '1', ...users.args])
  using client = await connect(daemon)
  expect(await client.ask(1, 'login', { method: 'token', token })).toMatchObject({ ok: true })
  expect(await client.next()).toMatchObject({ type: 'BYE', json: { error: { code: 'permission-denied' } } })
  using again = await connect(daemon)
  expect(errorCode(await again.ask(1, 'login', { method: 'token', token }))).toBe('login-failed')
})

test('ftp takes a token from a variable or a file', async () => {
  await users.add('ci', 'x', '--home', '/ci')
  const { token } = await users.addToken('ci', '--allow', 'list,write')
  writeFileSync(`${scratch.local}/token`, `${token}\n`)
  writeFileSync(`${scratch.local}/app`, 'content')
  await using daemon = await DaemonProcess.start(scratch.remote, ['--workers', '1', ...users.args])
  const run = (argv: string[], env = {}) => ftp(argv, { cwd: scratch.local, env })
  const url = daemon.url.replace('//', '//ci@')
  expect(await run(['put', 'app', `${url}/`], { FTP_TOKEN: token })).toMatchObject({ exitCode: 0 })
  expect(await run(['ls', `${url}/`, '--token-file', 'token'])).toMatchObject({
    exitCode: 0,
    stdout: 'app\n',
  })
  expect(await run(['ls', `${daemon.url}/`, '--token-file', 'token'])).toMatchObject({ exitCode: 0 })
  expect(await run(['cat', `${url}/app`], { FTP_TOKEN: token })).toMatchObject({ exitCode: 6 })
  const wrong = await run(['ls', `${url}/`], { FTP_TOKEN: `${token}x` })
  expect(wrong).toMatchObject({ exitCode: 4 })
  expect(wrong.stderr).not.toContain(token)
  // A variable may be meant for another server, so it is not told to one where no user is named.
  expect(await run(['ls', `${daemon.url}/`], { FTP_TOKEN: token })).toMatchObject({ exitCode: 4 })
  const both = await run(['ls', `${url}/`, '--token-file', 'token', '--password-stdin'])
  expect(both).toMatchObject({ exitCode: 2 })
})

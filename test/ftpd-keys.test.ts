import { once } from 'node:events'
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TestCertificate } from './certificate.js'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasOpenSsh, SshKeyPair } from './ssh-keys.js'
import { UsersFile } from './users.js'

/** RSA keys take seconds to make, so all tests share them. */
let shared: ScratchFolder
let kinds: Record<string, SshKeyPair>
beforeAll(() => {
  shared = new ScratchFolder()
  if (!hasOpenSsh) return
  kinds = {
    Ed25519: new SshKeyPair(shared.path, 'ed25519'),
    'RSA with 2048 bits': new SshKeyPair(shared.path, 'rsa2048', { type: 'rsa', bits: 2048 }),
    'RSA with 4096 bits': new SshKeyPair(shared.path, 'rsa4096', { type: 'rsa', bits: 4096 }),
  }
})
afterAll(() => shared[Symbol.dispose]())

let scratch: ScratchFolder
let users: UsersFile
beforeEach(() => {
  scratch = new ScratchFolder()
  users = new UsersFile(scratch.path)
})
afterEach(() => scratch[Symbol.dispose]())

const keyNamed = (name: string, options?: ConstructorParameters<typeof SshKeyPair>[2]) =>
  new SshKeyPair(scratch.path, name, options)

/** A connection that has got the server's HELLO, and the challenge in it. */
async function greet(client: RawClient): Promise<{ client: RawClient; challenge: string }> {
  client.send(say.hello())
  const hello = (await client.next())?.json ?? {}
  return { client, challenge: String(hello['challenge']) }
}

const connect = async (daemon: DaemonProcess) => greet(await RawClient.connect(daemon.place))

const connectByTls = async (daemon: DaemonProcess) => {
  const socket = connectTls({
    port: Number(new URL(daemon.url).port),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['jftp/1'],
  })
  await once(socket, 'secureConnect')
  return greet(RawClient.on(socket))
}

describe.skipIf(!hasOpenSsh)('ftpd user', () => {
  test('keeps the keys of a user, shows their fingerprints, and removes them', async () => {
    const laptop = keyNamed('ann@laptop')
    const desk = kinds['RSA with 2048 bits'] as SshKeyPair
    const both = join(scratch.path, 'authorized_keys')
    writeFileSync(both, `# my keys\n\n${readFileSync(laptop.publicFile, 'utf8')}`)
    appendFileSync(both, readFileSync(desk.publicFile, 'utf8').replaceAll(' ', '  '))
    // With a key and no password option nobody is asked for a password.
    expect(await users.run('add', ['ann', '--key', laptop.publicFile])).toMatchObject({ exitCode: 0 })
    expect((await users.run('list')).stdout).toContain(`no password  key ${laptop.fingerprint} ann@laptop`)
    expect(await users.run('set', ['ann', '--add-key', both])).toMatchObject({ exitCode: 0 })
    const { stdout } = await users.run('list', ['--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      keys: [
        { type: 'ssh-ed25519', fingerprint: laptop.fingerprint, comment: 'ann@laptop' },
        { type: 'ssh-rsa', fingerprint: desk.fingerprint, comment: 'rsa2048' },
      ],
    })
    expect(await users.run('set', ['ann', '--remove-key', laptop.fingerprint])).toMatchObject({ exitCode: 0 })
    expect(await users.run('set', ['ann', '--remove-key', 'rsa2048'])).toMatchObject({ exitCode: 0 })
    expect((await users.run('list')).stdout).not.toContain('key ')
    const fromStdin = await users.run('set', ['ann', '--add-key', '-'], readFileSync(both, 'utf8'))
    expect(fromStdin).toMatchObject({ exitCode: 0 })
    expect((await users.run('list')).stdout).toContain(desk.fingerprint)
  })

  test.each<[string, () => string, RegExp]>([
    [
      'with options',
      () => `restrict,command="x y" ${publicText('a')}`,
      /line 2: it has options before the key/,
    ],
    [
      'that is weak RSA',
      () => publicText('b', { type: 'rsa', bits: 1024 }),
      /the RSA key has 1024 bits, and 2048/,
    ],
    [
      'that is ECDSA',
      () => publicText('c', { type: 'ecdsa' }),
      /the key is ECDSA, which is not supported; use Ed25519/,
    ],
    ['that is DSA', () => 'ssh-dss AAAAB3NzaC1kc3MAAACBAA== old', /the key is DSA, which is too weak/],
    [
      'of a hardware token',
      () => 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t x',
      /is of a hardware token/,
    ],
    [
      'that is another than it says',
      () => publicText('d').replace('ssh-ed25519', 'ssh-rsa'),
      /it says ssh-rsa and/,
    ],
    ['that is cut off', () => publicText('e').slice(0, 60), /line 2: /],
    ['that is no base64', () => publicText('f').replace('AAAA', 'AA,AA'), /its key is no base64/],
    ['that is no key', () => 'hello', /it is no public SSH key/],
    ['that is private', () => readFileSync(keyNamed('g').file, 'utf8'), /holds a private key/],
  ])('refuses a key %s, and changes nothing', async (_what, line, message) => {
    const file = join(scratch.path, 'keys')
    writeFileSync(file, `# keys\n${line()}\n`)
    const { exitCode, stderr } = await users.run('add', ['ann', '--key', file])
    expect(stderr).toMatch(message)
    expect(exitCode).toBe(2)
    expect((await users.run('list')).stdout).toBe('')
  })

  test('a users file with a key that is not good is refused', async () => {
    const file = {
      version: 1,
      users: [{ name: 'ann', keys: [publicText('a', { type: 'rsa', bits: 1024 }).trim()] }],
    }
    writeFileSync(users.path, JSON.stringify(file), { mode: 0o600 })
    const { exitCode, stderr } = await users.run('list')
    expect(stderr).toMatch(/users\.0\.keys\.0 can't be used: the RSA key has 1024 bits/)
    expect(exitCode).toBe(2)
  })

  function publicText(name: string, options?: ConstructorParameters<typeof SshKeyPair>[2]): string {
    return readFileSync(keyNamed(name, options).publicFile, 'utf8')
  }
})

describe.skipIf(!hasOpenSsh).each(SERVERS)('%s', (_name, args) => {
  const start = (...more: string[]) => DaemonProcess.start(scratch.remote, [...args, ...users.args, ...more])

  const addUser = async (name: string, ...keys: SshKeyPair[]) => {
    const flags = keys.flatMap(({ publicFile }) => ['--key', publicFile])
    const { exitCode, stderr } = await users.run('add', [name, '--allow', 'list', ...flags])
    if (exitCode !== 0) throw new Error(stderr)
  }

  test('a signature that OpenSSH made lets in', async () => {
    await addUser('ann', ...Object.values(kinds))
    await using daemon = await start()
    for (const [kind, key] of Object.entries(kinds)) {
      const { client, challenge } = await connect(daemon)
      const keys = [key.signedKey({ challenge, certificate: undefined, user: 'ann' })]
      const answer = await client.ask(1, 'login', { user: 'ann', method: 'key', keys })
      expect(answer, kind).toEqual({ ok: true, user: 'ann', home: '/', permissions: ['list'] })
      const credential = `key ${key.fingerprint}`
      await daemon.logged((line) => line.type === 'login' && line['credential'] === credential)
      client[Symbol.dispose]()
    }
  })

  test('all that is not exactly right is refused alike', async () => {
    const [right, other, bobs] = [keyNamed('right'), keyNamed('other'), keyNamed('bobs')]
    await addUser('ann', right)
    await addUser('bob', bobs)
    await users.add('eve', 'x')
    await using daemon = await start('--max-failed-logins', '0')
    const earlier = await connect(daemon)
    earlier.client[Symbol.dispose]()
    const { client, challenge } = await connect(daemon)
    const statement = { challenge, certificate: undefined, user: 'ann' }
    const good = right.signedKey(statement)
    const damaged = Buffer.from(good.signature, 'base64')
    damaged[40] = Number(damaged[40]) ^ 1
    const refused: Record<string, Record<string, unknown>> = {
      'another key': { keys: [other.signedKey(statement)] },
      'the key of another user': { keys: [bobs.signedKey(statement)] },
      'a signature for another user': { keys: [right.signedKey({ ...statement, user: 'bob' })] },
      'a signature from another connection': {
        keys: [right.signedKey({ ...statement, challenge: earlier.challenge })],
      },
      'a signature for a server with TLS': {
        keys: [right.signedKey({ ...statement, certificate: `sha256:${'0'.repeat(64)}` })],
      },
      'a signature for another purpose': { keys: [{ ...good, signature: right.sign('x', 'git') }] },
      'a signature that is damaged': { keys: [{ ...good, signature: damaged.toString('base64') }] },
      'no signature': { keys: [{ ...good, signature: 'AAAA' }] },
      'the signature of one key beside another': {
        keys: [{ key: right.base64, signature: other.signedKey(statement).signature }],
      },
      'a user who does not exist': {
        user: 'nobody',
        keys: [right.signedKey({ ...statement, user: 'nobody' })],
      },
      'a user without a key': { user: 'eve', keys: [right.signedKey({ ...statement, user: 'eve' })] },
      'no user': { user: '', keys: [right.signedKey({ ...statement, user: '' })] },
      'what is no key': { keys: [{ key: 'AAAA', signature: 'AAAA' }] },
      'no key': { keys: [] },
      nothing: {},
    }
    const answers = new Set<string>()
    for (const [what, { user = 'ann', ...login }] of Object.entries(refused)) {
      const answer = await client.ask(1, 'login', { user, method: 'key', ...login })
      expect(errorCode(answer), what).toBe('login-failed')
      const { id: _id, ...error } = answer['error'] as Record<string, unknown>
      answers.add(JSON.stringify(error))
    }
    expect(answers.size).toBe(1)
    expect(errorCode(await client.ask(2, 'login', { user: 'ann', method: 'key', keys: [{}] }))).toBe(
      'bad-request',
    )
    // The one that is right may come with others, and the connection is still good.
    const keys = [other.signedKey(statement), good]
    expect(await client.ask(3, 'login', { user: 'ann', method: 'key', keys })).toMatchObject({ user: 'ann' })
    client[Symbol.dispose]()
    expect(JSON.stringify(daemon.lines)).not.toContain(good.signature)
  })

  test('each connection has a challenge of its own, and none if nobody has a key', async () => {
    await users.add('ann', 'x')
    await using daemon = await start()
    using without = await RawClient.connect(daemon.place)
    without.send(say.hello())
    const hello = (await without.next())?.json
    expect(hello?.['login']).toEqual(['password', 'token'])
    expect(hello).not.toHaveProperty('challenge')
    const key = keyNamed('key')
    const keys = [key.signedKey({ challenge: 'undefined', certificate: undefined, user: 'ann' })]
    await users.run('set', ['ann', '--add-key', key.publicFile])
    daemon.process.kill('SIGHUP')
    await daemon.logged(({ type }) => type === 'reloaded')
    const late = await without.ask(1, 'login', { user: 'ann', method: 'key', keys })
    expect(errorCode(late)).toBe('login-failed')
    const challenges = new Set<string>()
    for (let count = 0; count < 20; count++) {
      const { client, challenge } = await connect(daemon)
      expect(Buffer.from(challenge, 'base64')).toHaveLength(32)
      challenges.add(challenge)
      client[Symbol.dispose]()
    }
    expect(challenges.size).toBe(20)
  })

  test('a key that was removed lets nobody in any more and ends its sessions, and no others', async () => {
    const [removed, kept] = [keyNamed('removed'), keyNamed('kept')]
    await addUser('ann', removed, kept)
    await using daemon = await start()
    const enter = async (key: SshKeyPair) => {
      const { client, challenge } = await connect(daemon)
      const keys = [key.signedKey({ challenge, certificate: undefined, user: 'ann' })]
      return { client, answer: await client.ask(1, 'login', { user: 'ann', method: 'key', keys }) }
    }
    const [one, other] = [await enter(removed), await enter(kept)]
    expect([one.answer['ok'], other.answer['ok']]).toEqual([true, true])
    await users.run('set', ['ann', '--remove-key', 'removed'])
    daemon.process.kill('SIGHUP')
    expect(await one.client.next()).toMatchObject({
      type: 'BYE',
      json: { error: { code: 'permission-denied' } },
    })
    expect(await other.client.ask(2, 'pwd')).toMatchObject({ path: '/' })
    const again = await enter(removed)
    expect(errorCode(again.answer)).toBe('login-failed')
    for (const { client } of [one, other, again]) client[Symbol.dispose]()
  })
})

describe.skipIf(!hasOpenSsh)('through TLS', () => {
  test('a signature names the certificate that the client has seen, also after a reload', async () => {
    const [first, second] = [
      await TestCertificate.make(join(scratch.path, 'first')),
      await TestCertificate.make(join(scratch.path, 'second')),
    ]
    const key = keyNamed('key')
    await users.run('add', ['ann', '--key', key.publicFile])
    const used = join(scratch.path, 'used.pem')
    copyFileSync(first.file, used)
    await using daemon = await DaemonProcess.start(scratch.remote, [
      ...['--tls', `${used},${used}`, '--max-failed-logins', '0'],
      ...users.args,
    ])
    const before = await connectByTls(daemon)
    copyFileSync(second.file, used)
    daemon.process.kill('SIGHUP')
    await daemon.logged(({ type }) => type === 'reloaded')
    const after = await connectByTls(daemon)
    const login = async ({ client, challenge }: typeof before, certificate: string | undefined) => {
      const keys = [key.signedKey({ challenge, certificate, user: 'ann' })]
      return errorCode(await client.ask(1, 'login', { user: 'ann', method: 'key', keys }))
    }
    expect(await login(before, second.fingerprint)).toBe('login-failed')
    expect(await login(before, undefined)).toBe('login-failed')
    expect(await login(before, first.fingerprint)).toBe('none')
    expect(await login(after, first.fingerprint)).toBe('login-failed')
    expect(await login(after, second.fingerprint)).toBe('none')
    for (const { client } of [before, after]) client[Symbol.dispose]()
  })
})

test.skipIf(!hasOpenSsh)(
  'keys that are refused ban an address, but not one from which somebody then logs in',
  async () => {
    const [own, unknown] = [keyNamed('own'), keyNamed('unknown')]
    await users.add('ann', 'x', '--key', own.publicFile)
    await using daemon = await DaemonProcess.start(scratch.remote, [
      ...['--workers', '1', '--max-failed-logins', '3'],
      ...users.args,
    ])
    const login = async (key: SshKeyPair) => {
      const { client, challenge } = await connect(daemon)
      const keys = [key.signedKey({ challenge, certificate: undefined, user: 'ann' })]
      const answer = await client.ask(1, 'login', { user: 'ann', method: 'key', keys })
      client[Symbol.dispose]()
      return errorCode(answer)
    }
    const byPassword = async () => {
      const { client } = await connect(daemon)
      const answer = await client.ask(1, 'login', { user: 'ann', method: 'password', password: 'x' })
      client[Symbol.dispose]()
      return errorCode(answer)
    }
    for (let round = 0; round < 3; round++) {
      expect([await login(unknown), await login(unknown), await byPassword()]).toEqual([
        'login-failed',
        'login-failed',
        'none',
      ])
    }
    for (let count = 0; count < 3; count++) expect(await login(unknown)).toBe('login-failed')
    expect(await daemon.logged(({ type }) => type === 'address-banned')).toMatchObject({
      address: '127.0.0.1',
    })
    using banned = await RawClient.connect(daemon.place)
    banned.send(say.hello())
    expect(await banned.rest()).toMatchObject([{ type: 'BYE', json: { error: { code: 'rate-limited' } } }])
  },
)

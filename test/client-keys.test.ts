import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls'
import { connect, type FtpError, listAgentKeys, open, parseKeyFile, type SshKey } from '@jftp/client'
import { encodeSshStrings } from '@jftp/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestCertificate } from './certificate.js'
import { DaemonProcess, SERVER_ARGS } from './daemon.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasOpenSsh, type KeyOptions, SshAgent, SshKeyPair } from './ssh-keys.js'
import { UsersFile } from './users.js'

/** The right passphrase of each key that has one. */
const PASSPHRASE = 'open sesame'

const kinds: Record<string, KeyOptions> = {
  ed25519: {},
  rsa2048: { type: 'rsa', bits: 2048 },
  rsa4096: { type: 'rsa', bits: 4096 },
  'rsa-pem': { type: 'rsa', bits: 2048, format: 'PEM' },
  'rsa-pkcs8': { type: 'rsa', bits: 2048, format: 'PKCS8' },
  'locked-ed25519': { passphrase: PASSPHRASE },
  'locked-rsa': { type: 'rsa', bits: 2048, passphrase: PASSPHRASE },
  'locked-cbc': { passphrase: PASSPHRASE, cipher: 'aes128-cbc' },
  'locked-pem': { type: 'rsa', bits: 2048, format: 'PEM', passphrase: PASSPHRASE },
  'locked-pkcs8': { type: 'rsa', bits: 2048, format: 'PKCS8', passphrase: PASSPHRASE },
}
const isLocked = (name: string) => kinds[name]?.passphrase !== undefined

let scratch: ScratchFolder
let users: UsersFile
let daemon: DaemonProcess
let keys: Record<string, SshKeyPair>
let stranger: SshKeyPair

beforeAll(async () => {
  scratch = new ScratchFolder()
  if (!hasOpenSsh) return
  keys = Object.fromEntries(
    Object.entries(kinds).map(([name, options]) => [name, new SshKeyPair(scratch.path, name, options)]),
  )
  stranger = new SshKeyPair(scratch.path, 'stranger')
  users = new UsersFile(scratch.path)
  const flags = Object.values(keys).flatMap(({ publicFile }) => ['--key', publicFile])
  const { exitCode, stderr } = await users.run('add', ['ann', ...flags])
  if (exitCode !== 0) throw new Error(stderr)
  daemon = await DaemonProcess.start(scratch.remote, [
    ...SERVER_ARGS,
    ...users.args,
    '--max-failed-logins',
    '0',
  ])
})
afterAll(async () => {
  if (hasOpenSsh) await daemon.stop('SIGKILL')
  scratch[Symbol.dispose]()
})

const contentOf = (pair: SshKeyPair | undefined) => readFileSync(pair?.file ?? '', 'utf8')

/** What stands in a file of OpenSSH's own format that holds these bytes. */
const openSshKeyFile = (bytes: Buffer) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`

/** The key in a file, unlocked. */
async function load(pair: SshKeyPair | undefined, passphrase?: string): Promise<SshKey> {
  const file = parseKeyFile(contentOf(pair), 'KEY')
  if (file.type !== 'private') throw new Error('it is a public key')
  return file.unlock(passphrase)
}

const failure = (promise: Promise<unknown>): Promise<FtpError> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: FtpError) => error,
  )

const enter = (...given: SshKey[]) => connect(daemon.url, { user: 'ann', keys: given })

describe.skipIf(!hasOpenSsh)('a key from a file', () => {
  test.each(Object.keys(kinds))('logs in: %s', async (name) => {
    const file = parseKeyFile(contentOf(keys[name]), 'KEY')
    expect(file).toMatchObject({ type: 'private', isEncrypted: isLocked(name) })
    await using client = await enter(await load(keys[name], isLocked(name) ? PASSPHRASE : undefined))
    expect(client.user).toBe('ann')
    await client.put(Buffer.from('x'), '/file')
  })

  test.each(Object.keys(kinds).filter(isLocked))('needs its passphrase: %s', async (name) => {
    expect(await failure(load(keys[name], 'open barley'))).toMatchObject({
      code: 'login-failed',
      message: 'the passphrase of the key KEY is wrong',
    })
    expect(await failure(load(keys[name], ''))).toMatchObject({ code: 'login-failed' })
    expect(await failure(load(keys[name]))).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('is encrypted'),
    })
  })

  test('that is damaged anywhere, or is no key, is refused by its name', async () => {
    const whole = contentOf(keys['ed25519'])
    const endLine = '\n-----END OPENSSH PRIVATE KEY-----\n'
    for (let end = 0; end < whole.length - endLine.length - 4; end += 7) {
      for (const cut of [whole.slice(0, end), whole.slice(0, end) + endLine]) {
        expect(() => parseKeyFile(cut, 'KEY'), `cut at ${end}`).toThrow("the key KEY can't be used: ")
      }
    }
    // The two numbers before the key differ, which in a key without a passphrase can only be damage.
    const bytes = Buffer.from(whole.replace(/-----.*-----/g, ''), 'base64')
    const numbers = bytes.lastIndexOf('ssh-ed25519') - 8
    bytes[numbers] = Number(bytes[numbers]) ^ 1
    const damaged = parseKeyFile(openSshKeyFile(bytes), 'KEY')
    if (damaged.type !== 'private') throw new Error('it is a public key')
    expect(await failure(damaged.unlock())).toMatchObject({
      code: 'usage',
      message: "the key KEY can't be used: it is damaged",
    })
    // An RSA key whose private half is said to be of another type.
    const rsa = Buffer.from(contentOf(keys['rsa2048']).replace(/-----.*-----/g, ''), 'base64')
    rsa.write('ssh-xyz', rsa.lastIndexOf('ssh-rsa'))
    const mixed = parseKeyFile(openSshKeyFile(rsa), 'KEY')
    if (mixed.type !== 'private') throw new Error('it is a public key')
    expect(await failure(mixed.unlock())).toMatchObject({
      code: 'usage',
      message: "the key KEY can't be used: it is damaged, or not a private key",
    })
    const ecdsa = new SshKeyPair(scratch.path, 'ecdsa', { type: 'ecdsa' })
    const pem = new SshKeyPair(scratch.path, 'ecdsa-pem', { type: 'ecdsa', format: 'PEM' })
    const weak = new SshKeyPair(scratch.path, 'weak', { type: 'rsa', bits: 1024 })
    const chacha = new SshKeyPair(scratch.path, 'chacha', {
      passphrase: 'x',
      cipher: 'chacha20-poly1305@openssh.com',
    })
    const refusals: [SshKeyPair, string][] = [
      [ecdsa, 'the key is ECDSA, which is not supported'],
      [pem, 'the key is EC, which is not supported'],
      [weak, 'the RSA key has 1024 bits'],
      [chacha, 'it is encrypted with chacha20-poly1305@openssh.com'],
    ]
    for (const [pair, message] of refusals) {
      expect(() => parseKeyFile(contentOf(pair), 'KEY')).toThrow(message)
    }
  })

  test.each([
    ['DSA', generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })],
    ['RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
    ['EC', generateKeyPairSync('ec', { namedCurve: 'secp224r1' })],
    ['ED448', generateKeyPairSync('ed448')],
  ])('that is %s is refused by its name', (type, { privateKey }) => {
    const content = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const message = `the key KEY can't be used: the key is ${type}, which is not supported; use Ed25519 or RSA`
    expect(() => parseKeyFile(content, 'KEY')).toThrow(expect.objectContaining({ code: 'usage', message }))
  })

  test('whose cipher has the name of a property of every object is refused as with any other', () => {
    const ed25519 = Buffer.from(keys['ed25519']?.base64 ?? '', 'base64')
    const names = encodeSshStrings('constructor', 'bcrypt', encodeSshStrings('salt'))
    const rest = Buffer.concat([Buffer.from([0, 0, 0, 1]), encodeSshStrings(ed25519, 'secret')])
    const file = Buffer.concat([Buffer.from('openssh-key-v1\0'), names, rest])
    expect(() => parseKeyFile(openSshKeyFile(file), 'KEY')).toThrow(
      'it is encrypted with constructor (bcrypt), which is not supported',
    )
  })
})

describe.skipIf(!hasOpenSsh)('who does not get in', () => {
  test('a key that the server does not know, and a server without keys', async () => {
    expect(await failure(enter(await load(stranger)))).toMatchObject({ code: 'login-failed' })
    await using other = await DaemonProcess.start(scratch.remote, ['--workers', '1'])
    const client = open(other.url, { user: 'ann', keys: [await load(keys['ed25519'])] })
    // What was sent together with the login fails for the same reason.
    const [login, call] = [await failure(client.ready), await failure(client.stat('/'))]
    expect(login.message).toContain('no user of this server logs in by an SSH key')
    expect([login.code, call.code]).toEqual(['login-failed', 'login-failed'])
  })

  test('a key that does not sign is left out, and if none does, its error is told', async () => {
    const right = await load(keys['ed25519'])
    const mute: SshKey = { ...right, sign: () => Promise.reject(new Error('no hand')) }
    await using client = await enter(mute, right)
    expect(client.user).toBe('ann')
    expect(await failure(enter(mute))).toMatchObject({
      code: 'login-failed',
      message: 'none of the SSH keys has signed',
    })
  })

  test('options that are no keys, or too many kinds of credentials', async () => {
    const right = await load(keys['ed25519'])
    for (const wrong of [[], 'key', [{}], [{ publicKey: 'x', sign: right.sign }]]) {
      expect(() => open(daemon.url, { user: 'ann', keys: wrong as SshKey[] })).toThrow(
        /'keys' must be an array of SSH keys/,
      )
    }
    expect(() => open(daemon.url, { user: 'ann', keys: [right], password: 'x' })).toThrow(/give only one of/)
    expect(() => open(daemon.url, { keys: [right] })).toThrow(/keys belong to a user/)
    expect(() => open('jftp://192.0.2.1/', { user: 'ann', keys: [right] })).toThrow(
      /so none is sent; write jftps:/,
    )
  })
})

test.skipIf(!hasOpenSsh)(
  'a client with several keys gets in if one of the first that fit is right',
  async () => {
    const right = await load(keys['rsa4096'])
    const others = await Promise.all(['a', 'b', 'c'].map((name) => load(new SshKeyPair(scratch.path, name))))
    await using client = await enter(...others, right)
    expect(client.user).toBe('ann')
    const strangers = Array.from({ length: 20 }, () => others[0] as SshKey)
    // More than one login takes are not sent, and the connection stays in order.
    expect(await failure(enter(...strangers, right))).toMatchObject({ code: 'login-failed' })
  },
)

test.skipIf(!hasOpenSsh)('every connection of a client signs anew', async () => {
  const key = await load(keys['ed25519'])
  const signed: string[] = []
  const counting: SshKey = {
    ...key,
    sign: (data) => {
      signed.push(Buffer.from(data).toString('hex'))
      return key.sign(data)
    },
  }
  await using client = await connect(daemon.url, { user: 'ann', keys: [counting] })
  for (const name of ['1', '2', '3', '4']) writeFileSync(join(scratch.local, name), name)
  await client.putTrees([{ local: scratch.local, remote: '/tree' }], { connections: 3 })
  expect(signed.length).toBeGreaterThan(1)
  expect(new Set(signed).size).toBe(signed.length)
})

describe.skipIf(!hasOpenSsh)('ssh-agent', () => {
  test('signs with the keys that it has', async () => {
    await using agent = await SshAgent.start(scratch.path)
    expect(await listAgentKeys(agent.socket)).toEqual([])
    const ecdsa = new SshKeyPair(scratch.path, 'agent-ecdsa', { type: 'ecdsa' })
    for (const name of ['ed25519', 'rsa2048', 'rsa4096']) {
      agent.add(ecdsa, keys[name] as SshKeyPair)
      const [found, ...others] = await listAgentKeys(agent.socket)
      // Keys of kinds that can't log in are left out.
      expect([found?.comment, others]).toEqual([name, []])
      await using client = await enter(found as SshKey)
      expect(client.user).toBe('ann')
      agent.removeAll()
      expect(await failure(enter(found as SshKey))).toMatchObject({
        message: expect.stringContaining("can't be used: it refuses"),
      })
    }
  })

  test('that is dead, says nothing, or talks nonsense is named in the error', async () => {
    const path = join(scratch.path, 'none.sock')
    expect(await failure(listAgentKeys(path))).toMatchObject({
      code: 'login-failed',
      message: `the ssh-agent at ${path} can't be used: ENOENT`,
    })
    const answers = [
      Buffer.from([0, 0, 0, 1, 5]),
      Buffer.from('ffffffff', 'hex'),
      Buffer.from([0, 0, 0, 5, 12, 0, 0, 0, 9]),
      'leaves',
      'is silent',
    ]
    const server = createPlainServer((socket) => {
      socket.on('error', () => {})
      const answer = answers.shift()
      socket.once('data', () => {
        if (answer === 'leaves') socket.end()
        else if (answer !== 'is silent') socket.write(answer ?? '')
      })
    })
    const odd = join(scratch.path, 'odd.sock')
    server.listen(odd)
    await once(server, 'listening')
    const messages: string[] = []
    for (let count = answers.length; count > 0; count--)
      messages.push((await failure(listAgentKeys(odd))).message)
    server.close()
    expect(messages.map((message) => message.replace(/^.*: /, ''))).toEqual([
      'it refuses',
      'its answer is malformed',
      'its answer is malformed',
      'it closed the connection',
      'it does not answer',
    ])
  })

  test('that gives no signature is named in the error', async () => {
    const publicKey = Buffer.from(keys['ed25519']?.base64 ?? '', 'base64')
    const list = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), encodeSshStrings(publicKey, 'comment')])
    const answers = [list, Buffer.from([14, 0, 0, 0, 9])]
    const server = createPlainServer((socket) => {
      socket.once('data', () => socket.write(encodeSshStrings(answers.shift() ?? '')))
    })
    const path = join(scratch.path, 'unsigned.sock')
    server.listen(path)
    await once(server, 'listening')
    const [key] = await listAgentKeys(path)
    const error = await failure(key?.sign(Buffer.from('data')) ?? Promise.resolve())
    server.close()
    expect(error).toMatchObject({
      code: 'login-failed',
      message: `the ssh-agent at ${path} can't be used: its answer is malformed`,
    })
  })
})

describe.skipIf(!hasOpenSsh)('through TLS', () => {
  test('a key logs in, and nobody in between can pass its signature on', async () => {
    const [own, theirs] = [
      await TestCertificate.make(join(scratch.path, 'own')),
      await TestCertificate.make(join(scratch.path, 'theirs')),
    ]
    await using secure = await DaemonProcess.start(scratch.remote, [...own.args, ...users.args])
    const key = await load(keys['ed25519'])
    await using client = await connect(secure.url, { user: 'ann', keys: [key], pin: own.fingerprint })
    expect(client.user).toBe('ann')
    // It has a certificate that the client accepts, and passes everything on to the server.
    const pem = readFileSync(theirs.file)
    const { port } = new URL(secure.url)
    const sockets: TLSSocket[] = []
    const relay = createServer({ cert: pem, key: pem, ALPNProtocols: ['jftp/1'] }, (socket) => {
      const onward = connectTls({
        port: Number(port),
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: ['jftp/1'],
      })
      for (const each of [socket, onward]) sockets.push(each.on('error', () => {}))
      socket.pipe(onward).pipe(socket)
    })
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    const url = `jftps://127.0.0.1:${(relay.address() as AddressInfo).port}/`
    const pinned = { user: 'ann', pin: theirs.fingerprint }
    expect(await failure(connect(url, { ...pinned, keys: [key] }))).toMatchObject({ code: 'login-failed' })
    // It does work: what does not name the certificate passes.
    const { exitCode } = await users.run('passwd', ['ann', '--password-stdin'], 'geheim\n')
    secure.process.kill('SIGHUP')
    await secure.logged(({ type }) => type === 'reloaded')
    await using robbed = await connect(url, { ...pinned, password: 'geheim' })
    expect([exitCode, robbed.user]).toEqual([0, 'ann'])
    for (const socket of sockets) socket.destroy()
    relay.close()
  })
})

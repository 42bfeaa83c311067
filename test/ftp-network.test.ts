import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { cannotLink, LinkedNamespaces } from './linked-namespaces.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasTerminal, Terminal } from './terminal.js'
import { ftpd, UsersFile } from './users.js'

/** The server listens on an address that is not loopback, and the client has a network stack of its own. */
describe.skipIf(cannotLink !== undefined)('from another machine on the network, through TLS', () => {
  let scratch: ScratchFolder
  let linked: LinkedNamespaces
  let daemon: DaemonProcess
  let url: string
  let token: string
  let fingerprint: string
  const content = randomBytes(3_000_001)
  const serverState = () => ({ ...process.env, XDG_STATE_HOME: join(scratch.path, 'server') })

  beforeAll(async () => {
    scratch = new ScratchFolder()
    linked = new LinkedNamespaces()
    writeFileSync(join(scratch.local, 'file'), content)
    const users = new UsersFile(scratch.path)
    await users.add('ci', 'never typed')
    token = (await users.addToken('ci')).token
    const network = ['--host', linked.serverAddress, '--port', '9021', '--tls', 'auto']
    daemon = await DaemonProcess.start(scratch.remote, [...network, ...users.args], {
      command: [...linked.onServer, process.execPath],
      env: serverState(),
    })
    url = `jftps://ci@${linked.serverAddress}/`
    fingerprint = (await ftpd(['fingerprint'], { env: serverState() })).stdout.trim()
  })
  afterAll(async () => {
    await daemon?.stop('SIGKILL')
    linked?.[Symbol.dispose]()
    scratch[Symbol.dispose]()
  })

  /** The variables of a client that knows no server yet, and the file in which it remembers them. */
  function client(name: string): { env: NodeJS.ProcessEnv; knownHosts: string } {
    const path = join(scratch.path, name)
    mkdirSync(path)
    return {
      env: { FTP_TOKEN: token, XDG_STATE_HOME: path, SSL_CERT_FILE: '/dev/null' },
      knownHosts: join(path, 'jftp', 'known_hosts'),
    }
  }

  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex')

  test('a program with a token is told the pin to use, and with it stores the file whole', async () => {
    const { env, knownHosts } = client('program')
    const run = (...args: string[]) => ftp(args, { cwd: scratch.local, env, command: linked.onClient })
    const refused = await run('put', '--no-input', 'file', url)
    expect(refused.exitCode).toBe(11)
    expect(refused.stderr).toContain(`--pin ${fingerprint}`)
    expect(scratch.names('remote')).not.toContain('file')
    const pin = /--pin (\S+)/.exec(refused.stderr)?.[1] ?? ''
    const put = await run('put', '--no-input', '--pin', pin, '--json', 'file', url)
    expect(put).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('md5 verified') })
    expect(put.stdout).toContain(md5(content))
    expect(md5(readFileSync(join(scratch.remote, 'file')))).toBe(md5(content))
    expect(existsSync(knownHosts)).toBe(false)
    const login = await daemon.logged(({ type, user }) => type === 'login' && user === 'ci')
    expect(login).toMatchObject({ result: 'ok', client: expect.stringMatching(/^10\.77\.0\.2:/) })
  })

  test.skipIf(!hasTerminal)(
    'the shell asks about the certificate once, and remembers the answer',
    async () => {
      const { env, knownHosts } = client('shell')
      const open = () => {
        const wrap = (command: string) => `exec ${linked.onClient.join(' ')} ${command}`
        return new Terminal([url], { cwd: scratch.local, env }, wrap)
      }
      await using first = open()
      await first.sees(fingerprint)
      await first.sees('(yes/no)')
      first.type('yes\r')
      await first.sees('/> ')
      first.type('put file -o asked\r')
      await first.sees('1 sent')
      first.type('exit\r')
      expect(await first.ended()).toBe(0)
      expect(md5(readFileSync(join(scratch.remote, 'asked')))).toBe(md5(content))
      expect(readFileSync(knownHosts, 'utf8')).toContain(fingerprint)
      await using again = open()
      await again.sees('/> ')
      again.type('exit\r')
      expect(await again.ended()).toBe(0)
      expect(again.screen).not.toContain('yes/no')
    },
  )
})

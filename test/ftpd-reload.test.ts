import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, type LogLine, SERVERS } from './daemon.js'
import { OpenTransfers } from './open-transfers.js'
import { ROUNDS } from './random.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

/** A daemon with a configuration file that can be changed. */
class ReloadedDaemon implements AsyncDisposable {
  readonly #folder = tempFolder()
  readonly root = join(this.#folder.path, 'root')
  readonly file = join(this.#folder.path, 'ftpd.toml')
  daemon!: DaemonProcess

  static async start(args: string[], settings: string): Promise<ReloadedDaemon> {
    const reloaded = new ReloadedDaemon()
    mkdirSync(reloaded.root)
    reloaded.write(settings)
    reloaded.daemon = await DaemonProcess.start(reloaded.root, [...args, '--config', reloaded.file])
    return reloaded
  }

  write(settings: string): void {
    writeFileSync(this.file, settings)
  }

  /** Sends SIGHUP and resolves to what the log has about it. */
  async hangUp(): Promise<LogLine> {
    const { lines, process } = this.daemon
    const isAnswer = ({ type }: LogLine) => type === 'reloaded' || type === 'not-reloaded'
    const before = lines.filter(isAnswer).length
    process.kill('SIGHUP')
    await this.daemon.logged(() => lines.filter(isAnswer).length > before)
    return lines.filter(isAnswer).at(-1) as LogLine
  }

  change(settings: string): Promise<LogLine> {
    this.write(settings)
    return this.hangUp()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}

async function byeOf(client: RawClient): Promise<string> {
  return errorCode((await client.rest()).find(({ type }) => type === 'BYE')?.json)
}

describe.each(SERVERS)('SIGHUP, %s', (_name, args) => {
  test('puts other limits on connections into force', async () => {
    await using served = await ReloadedDaemon.start(args, 'max-connections = 10')
    const { daemon } = served
    using first = await RawClient.login(daemon.place)
    expect(await served.change('max-connections = 1')).toMatchObject({
      type: 'reloaded',
      changed: ['max-connections'],
      needsRestart: [],
    })
    using second = await RawClient.connect(daemon.place)
    expect(await byeOf(second)).toBe('too-many-connections')
    // Who is there may stay.
    expect(await first.ask(1, 'pwd')).toMatchObject({ path: '/' })
    await served.change('max-connections = 2')
    using third = await RawClient.login(daemon.place)
    expect(await third.ask(1, 'pwd')).toMatchObject({ path: '/' })
  })

  test('shortens the deadlines of sessions that run already', async () => {
    await using served = await ReloadedDaemon.start(args, '')
    using client = await RawClient.login(served.daemon.place)
    const answer = await served.change('idle-timeout = 1\nlogin-timeout = 1')
    expect(answer['changed']).toEqual(['login-timeout', 'idle-timeout'])
    expect(await byeOf(client)).toBe('timeout')
    using silent = await RawClient.connect(served.daemon.place)
    expect(await byeOf(silent)).toBe('timeout')
  }, 30_000)

  test('frees a transfer that crawls because of the rate', async () => {
    await using served = await ReloadedDaemon.start(args, 'limit-rate = "1k"')
    writeFileSync(join(served.root, 'file'), Buffer.alloc(4_000_000))
    using client = await RawClient.login(served.daemon.place)
    expect(await client.ask(1, 'get', { path: '/file' })).toMatchObject({ ok: true })
    expect((await served.change('limit-rate = "none"'))['changed']).toEqual(['limit-rate'])
    let received = 0
    for (let frame = await client.next(); frame?.type !== 'END'; frame = await client.next()) {
      if (frame?.type === 'PING') client.send(say.ping(0))
      if (frame?.type === 'DATA') received += frame.payload.length
    }
    expect(received).toBe(4_000_000)
  }, 30_000)

  test(
    'in the middle of 20 transfers cuts none of them, whatever it changes',
    async () => {
      await using served = await ReloadedDaemon.start(args, 'max-connections = 100')
      const { daemon, root } = served
      OpenTransfers.layOut(root)
      for (let round = 0; round < ROUNDS; round++) {
        using transfers = await OpenTransfers.begin(daemon.place, root, `file-${round}`)
        const settings = `max-connections = 1\nidle-timeout = 1\nlimit-rate = "${round + 1}G"`
        expect((await served.change(settings))['type']).toBe('reloaded')
        expect(await transfers.finish()).toBe(20)
        expect(transfers.areStored).toBe(true)
        await served.change('max-connections = 100')
      }
      expect(daemon.lines.some(({ type }) => type === 'cut-off')).toBe(false)
    },
    ROUNDS * 180_000,
  )

  test('gives uploads to other hooks, and users other programs', async () => {
    await using served = await ReloadedDaemon.start(args, '')
    const { daemon, root } = served
    using client = await RawClient.login(daemon.place)
    const put = async (id: number, path: string) => {
      client.send(say.eagerPut(id, path, 'x'))
      return await client.ack(id)
    }
    expect(await put(1, '/1')).toMatchObject({ status: 'stored' })
    const refusing = '[hooks]\naccept-upload = ["sh", "-c", "echo no entry >&2; exit 1"]'
    const answer = await served.change(refusing)
    expect(answer).toMatchObject({
      type: 'reloaded',
      changed: ['hooks.accept-upload'],
      needsRestart: [],
    })
    // The session is the same as before.
    expect(await put(2, '/2')).toMatchObject({ error: { code: 'permission-denied', message: 'no entry' } })
    for (const [wrong, reason] of [
      ['[hooks]\naccept-upload = "true"', /hooks\.accept-upload: a program and its arguments are needed/],
      ['[hooks]\nwebhook = "http://127.0.0.1:1/"', /hooks\.webhook: a webhook needs a secret/],
      ['[exec.x]\ncommand = []', /exec\.x\.command: a program/],
    ] as const) {
      expect(await served.change(wrong)).toMatchObject({ reason: expect.stringMatching(reason) })
      expect(errorCode(await put(3, '/3'))).toBe('permission-denied')
    }
    const told = join(root, 'told')
    const telling = `[hooks]\nuploaded = ["sh", "-c", "echo $FTPD_UPLOAD_PATH > '${told}.new'; mv '${told}.new' '${told}'"]`
    expect((await served.change(telling))['changed']).toEqual(['hooks.accept-upload', 'hooks.uploaded'])
    expect(await put(4, '/4')).toMatchObject({ status: 'stored' })
    while (!existsSync(told)) await sleep(20)
    expect(readFileSync(told, 'utf8')).toBe('/4\n')
    const program = '[exec.hello]\ncommand = ["echo", "hello"]\nusers = ["anonymous"]'
    expect(errorCode(await client.ask(5, 'exec', { name: 'hello' }))).toBe('permission-denied')
    expect((await served.change(program))['changed']).toEqual(['hooks.uploaded', 'exec', 'exec.hello'])
    expect(await client.ask(6, 'exec', { name: 'hello' })).toMatchObject({ ok: true })
    await served.change(program.replace('anonymous', 'ann'))
    using other = await RawClient.login(daemon.place)
    expect(errorCode(await other.ask(7, 'exec', { name: 'hello' }))).toBe('permission-denied')
  })

  test('a file that is wrong changes nothing, and the log says why', async () => {
    await using served = await ReloadedDaemon.start(args, 'anonymous = "read"')
    const { daemon } = served
    using client = await RawClient.login(daemon.place)
    const mistakes: [content: string, reason: RegExp][] = [
      ['anonymous = "write"\nmax-connections = 0', /ftpd\.toml:2: max-connections 0: a whole number from 1/],
      ['anonymous = "write"\nidle-time = 1', /ftpd\.toml:2: there is no setting "idle-time"/],
      ['anonymous = "write"\n[', /ftpd\.toml:2: this is no TOML/],
      ['anonymous = "write"\nusers = "/no/such"', /the users file \/no\/such does not exist/],
    ]
    for (const [content, reason] of mistakes) {
      const answer = await served.change(content)
      expect(answer).toMatchObject({ type: 'not-reloaded', reason: expect.stringMatching(reason) })
      expect(errorCode(await client.ask(1, 'mkdir', { path: '/new' }))).toBe('permission-denied')
    }
    expect(await served.change('anonymous = "read"')).toMatchObject({ type: 'reloaded', changed: [] })
    expect(await client.ask(1, 'pwd')).toMatchObject({ path: '/' })
  })
})

test('what needs a restart is named and stays as it is; an option of the command line still wins', async () => {
  await using served = await ReloadedDaemon.start(['--workers', '0', '--grace', '7'], 'workers = 1')
  const { daemon } = served
  const settings = 'workers = 1\ngrace = 1\nkeep-digests = false\nkeep-partials = "1d"\nlog-level = "debug"'
  for (const changed of [['log-level'], []]) {
    expect(await served.change(settings)).toMatchObject({
      type: 'reloaded',
      changed,
      needsRestart: ['keep-digests', 'keep-partials'],
    })
  }
  using client = await RawClient.login(daemon.place)
  expect(await client.ask(1, 'put', { path: '/file' })).toMatchObject({ status: 'ready' })
  daemon.process.kill('SIGTERM')
  expect((await daemon.logged(({ type }) => type === 'stopping'))['msg']).toContain('within 7 s')
})

test('the number of wrong passwords before a ban changes, and how long it lasts', async () => {
  await using served = await ReloadedDaemon.start(['--workers', '0', '--anonymous', 'write'], '')
  const { daemon } = served
  const settings = 'max-failed-logins = 1\nban-time = "90s"'
  expect(await served.change(settings)).toMatchObject({
    changed: ['max-failed-logins', 'ban-time'],
    needsRestart: [],
  })
  using client = await RawClient.login(daemon.place)
  await client.ask(1, 'login', { user: 'ann', method: 'token', token: 'none' })
  const before = Date.now()
  const { until } = await daemon.logged(({ type }) => type === 'address-banned')
  expect(new Date(String(until)).getTime() - before).toBeLessThanOrEqual(90_000)
  using banned = await RawClient.connect(daemon.place)
  expect(await byeOf(banned)).toBe('rate-limited')
})

test('the level of the log changes', async () => {
  await using served = await ReloadedDaemon.start(['--workers', '0'], 'log-level = "info"')
  const { daemon } = served
  // What needs a restart is told as a warning.
  await served.change('log-level = "warn"\nkeep-digests = false')
  using client = await RawClient.login(daemon.place)
  await client.ask(1, 'mkdir', { path: '/new' })
  expect(await daemon.stop()).toEqual({ code: 0, signal: null })
  expect(daemon.lines.some(({ type }) => type === 'session-started' || type === 'change')).toBe(false)
})

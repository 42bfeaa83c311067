import { once } from 'node:events'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ERROR_CODES } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { makeRootForEachTest, root } from './served-root.js'
import { tempFolder } from './temp-folder.js'
import { UsersFile } from './users.js'

const MiB = 1024 * 1024

/** `http://127.0.0.1:PORT` of a daemon's metrics. */
async function originOf(daemon: DaemonProcess): Promise<string> {
  const ready = await daemon.logged(({ type }) => type === 'ready')
  return new URL(String(ready['metrics'])).origin
}

/** Every series with its value, by the name with its labels. */
async function scrape(origin: string): Promise<Map<string, number>> {
  const response = await fetch(`${origin}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** The first scrape that is meant. */
async function scraped(origin: string, isMeant: (series: Map<string, number>) => boolean) {
  for (;;) {
    const series = await scrape(origin)
    if (isMeant(series)) return series
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe.each(SERVERS.slice(0, 2))('%s', (_name, args) => {
  makeRootForEachTest(() => {
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 64 * MiB)
  })

  const start = () => DaemonProcess.start(root, [...args, '--metrics', '0'])

  test('sessions, logins, transfers, bytes and errors are counted', async () => {
    await using daemon = await start()
    const origin = await originOf(daemon)
    {
      using client = await RawClient.login(daemon.place)
      client.send(say.eagerPut(1, '/small', 'seven b'), say.request(2, 'get', { path: '/none' }))
      client.send(say.request(3, 'get', { path: '/small' }), say.request(4, 'rmdir', { path: '/none' }))
      client.send(say.request(5, 'stat', { path: '/none' }), say.request(6, 'juggle'))
      await client.ack(1)
      await client.ack(2)
      await client.ack(3)
      await client.body(3)
      for (const id of [4, 5, 6]) await client.ack(id)
      using other = await RawClient.connect(daemon.place)
      other.send(say.hello(), say.request(7, 'login', { user: 'nobody' }))
      await other.next()
      await other.ack(7)
      const before = await scraped(
        origin,
        (series) => series.get('ftpd_logins_total{result="login-failed"}') === 1,
      )
      expect(before.get('ftpd_sessions{state="logged-in"}')).toBe(1)
      expect(before.get('ftpd_sessions{state="before-login"}')).toBe(1)
    }
    const series = await scraped(origin, (now) => now.get('ftpd_session_duration_seconds_count') === 2)
    expect(Object.fromEntries(series)).toMatchObject({
      ftpd_sessions_started_total: 2,
      'ftpd_sessions{state="logged-in"}': 0,
      'ftpd_logins_total{result="ok"}': 1,
      'ftpd_transfers_total{op="put",result="ok"}': 1,
      'ftpd_transfers_total{op="get",result="ok"}': 1,
      'ftpd_transfers_total{op="get",result="not-found"}': 1,
      'ftpd_transfer_duration_seconds_count{op="get"}': 2,
      'ftpd_transfer_bytes_total{direction="received"}': 7,
      'ftpd_transfer_bytes_total{direction="sent"}': 7,
      'ftpd_errors_total{code="not-found"}': 3,
      'ftpd_errors_total{code="unknown-command"}': 1,
      'ftpd_errors_total{code="login-failed"}': 1,
    })
  })

  test('a transfer that goes on shows, and its bytes are counted once', async () => {
    await using daemon = await start()
    const origin = await originOf(daemon)
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/slow' })).toMatchObject({ status: 'ready' })
    client.send(say.data(1, Buffer.alloc(500_000)))
    const halfway = await scraped(
      origin,
      (now) => now.get('ftpd_transfer_bytes_total{direction="received"}') === 500_000,
    )
    expect(halfway.get('ftpd_transfers_running{op="put"}')).toBe(1)
    client.send(say.data(1, Buffer.alloc(500_000)), say.end(1, Buffer.alloc(MiB - 48_576)))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect(await client.ask(2, 'get', { path: '/large' })).toMatchObject({ ok: true })
    await client.body(2)
    const after = await scraped(origin, (now) => now.get('ftpd_transfers_total{op="get",result="ok"}') === 1)
    expect(after.get('ftpd_transfer_bytes_total{direction="received"}')).toBe(1_000_000)
    expect(after.get('ftpd_transfer_bytes_total{direction="sent"}')).toBe(64 * MiB)
    expect(after.get('ftpd_transfers_running{op="put"}')).toBe(0)
    expect(after.get('ftpd_transfers_running{op="get"}')).toBe(0)
  })

  test('no client can make new series: labels have values of the code alone', async () => {
    await using daemon = await start()
    const origin = await originOf(daemon)
    using client = await RawClient.login(daemon.place)
    for (let id = 1; id <= 300; id++) {
      client.send(say.request(id, `cmd-${id}`), say.request(id + 1000, 'get', { path: `/none-${id}` }))
      client.send(say.request(id + 2000, 'login', { user: `user-${id}` }))
    }
    for (let count = 0; count < 900; count++) await client.next()
    const failed = (now: Map<string, number>) => now.get('ftpd_errors_total{code="not-found"}') === 300
    const series = await scraped(origin, failed)
    const values = [...series.keys()].flatMap((name) => [...name.matchAll(/(code|result|op)="([^"]*)"/g)])
    const known = [...Object.keys(ERROR_CODES), 'ok', 'skipped', 'unchanged', 'put', 'get']
    expect(values.length).toBeGreaterThan(0)
    for (const [, , value] of values) expect(known).toContain(value)
    expect(series.size).toBeLessThan(200)
  })

  test('it is healthy and ready, and while it drains it is healthy and not ready', async () => {
    await using daemon = await start()
    const origin = await originOf(daemon)
    const status = async (path: string) => (await fetch(`${origin}${path}`)).status
    expect([await status('/healthz'), await status('/readyz'), await status('/other')]).toEqual([
      200, 200, 404,
    ])
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(405)
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'get', { path: '/large' })).toMatchObject({ ok: true })
    daemon.process.kill('SIGTERM')
    await daemon.logged(({ type }) => type === 'stopping')
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503])
    expect((await scrape(origin)).get('ftpd_draining')).toBe(1)
    expect((await client.body(1)).bytes.length).toBe(64 * MiB)
    client.half()
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
  })
})

describe('--metrics', () => {
  let folder: ReturnType<typeof tempFolder>

  beforeEach(() => {
    folder = tempFolder('in memory')
  })
  afterEach(() => folder[Symbol.dispose]())

  test('each worker thread that has had a session tells how late its event loop is', async () => {
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', '2', '--metrics', '0'])
    const origin = await originOf(daemon)
    using _one = await RawClient.login(daemon.place)
    using _two = await RawClient.login(daemon.place)
    const lag = (thread: string) => `ftpd_event_loop_lag_seconds{thread="${thread}"}`
    const threads = ['main', 'worker-1', 'worker-2'].map(lag)
    const series = await scraped(origin, (now) => threads.every((name) => now.has(name)))
    for (const name of threads) expect(series.get(name)).toBeGreaterThanOrEqual(0)
  })

  test('users with a quota show what they have used of it, also if they have never logged in', async () => {
    const root = join(folder.path, 'root')
    mkdirSync(join(root, 'ann'), { recursive: true })
    writeFileSync(join(root, 'ann', 'file'), Buffer.alloc(500_000))
    const users = new UsersFile(folder.path)
    await users.add('ann', 'secret', '--home', '/ann', '--quota', '1M')
    await users.add('bob', 'secret', '--home', '/bob', '--quota', '2M')
    await users.add('cat', 'secret')
    await using daemon = await DaemonProcess.start(root, [...users.args, '--metrics', '0'])
    const used = (user: string) => `ftpd_quota_used_bytes{user="${user}"}`
    const series = await scraped(
      await originOf(daemon),
      (now) => now.has(used('ann')) && now.has(used('bob')),
    )
    expect([series.get(used('ann')), series.get(used('bob')), series.has(used('cat'))]).toEqual([
      500_000,
      0,
      false,
    ])
    expect(series.get('ftpd_quota_limit_bytes{user="ann"}')).toBe(1_000_000)
    expect(series.has('ftpd_quota_limit_bytes{user="cat"}')).toBe(false)
  })

  test('docs/OPERATIONS.md lists every metric', async () => {
    await using daemon = await DaemonProcess.start(folder.path, ['--metrics', '0'])
    const text = await (await fetch(`${await originOf(daemon)}/metrics`)).text()
    const told = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name)
    const docs = readFileSync(new URL('../docs/OPERATIONS.md', import.meta.url), 'utf8')
    const listed = [...docs.matchAll(/`((?:ftpd|process)_[a-z_]+)`/g)].map(([, name = '']) => name)
    expect([...new Set(listed)].sort()).toEqual(told.sort())
  })

  test.each(['grafana/ftpd.json', 'prometheus/ftpd-alerts.yml'])(
    'deploy/%s names metrics and values of labels that there are',
    async (file) => {
      await using daemon = await DaemonProcess.start(folder.path, ['--metrics', '0'])
      const text = await (await fetch(`${await originOf(daemon)}/metrics`)).text()
      const told = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      )
      const rules = readFileSync(new URL(`../deploy/${file}`, import.meta.url), 'utf8')
      const used = [...rules.matchAll(/\b(?:ftpd|process)_[a-z_]+\b/g)].map(([name]) => name)
      expect(used.length).toBeGreaterThan(5)
      for (const name of used) expect(told).toContain(name)
      for (const [, codes = ''] of rules.matchAll(/\b(?:code|result)=~?"([a-z|-]+)"/g)) {
        for (const code of codes.split('|')) expect(Object.keys(ERROR_CODES)).toContain(code)
      }
    },
  )

  test('clients that are refused are counted', async () => {
    await using daemon = await DaemonProcess.start(folder.path, ['--max-connections', '1', '--metrics', '0'])
    const origin = await originOf(daemon)
    using _client = await RawClient.login(daemon.place)
    using refused = await RawClient.connect(daemon.place)
    await refused.rest()
    const series = await scrape(origin)
    expect(series.get('ftpd_connections_refused_total{code="too-many-connections"}')).toBe(1)
  })

  test('whoever connects and says nothing is let go, and keeps nobody from reading', async () => {
    await using daemon = await DaemonProcess.start(folder.path, ['--metrics', '0'])
    const origin = await originOf(daemon)
    const port = Number(new URL(origin).port)
    const silent = Array.from({ length: 60 }, () =>
      connect({ port, host: '127.0.0.1' }).on('error', () => {}),
    )
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    for (const socket of silent) socket.write('GET /metrics HTTP/1.1\r\nx: ')
    expect((await scrape(origin)).get('ftpd_draining')).toBe(0)
    await Promise.all(silent.map((socket) => once(socket.resume(), 'close')))
  })

  test.each(['x', '127.0.0.1', ':1', '70000', '127.0.0.1:70000', '[::1]', '::1', ''])(
    'an address such as %j is refused',
    async (address) => {
      const daemon = new DaemonProcess([folder.path, '--port', '0', `--metrics=${address}`])
      expect(await daemon.exited).toMatchObject({ code: 2 })
      expect(daemon.stderr).toMatch(/^ftpd: --metrics .*: a port is needed/)
    },
  )

  test('a port that is in use ends it, and says which option to change', async () => {
    await using daemon = await DaemonProcess.start(folder.path, ['--metrics', '0'])
    const { port } = new URL(await originOf(daemon))
    const second = new DaemonProcess([folder.path, '--port', '0', '--metrics', `127.0.0.1:${port}`])
    expect(await second.exited).toMatchObject({ code: 1 })
    expect(second.stderr).toContain(`127.0.0.1:${port} is in use`)
    expect(second.stderr).toContain('--metrics')
  })
})

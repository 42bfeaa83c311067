import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BoundSocket } from './bound-socket.js'
import { DaemonProcess } from './daemon.js'
import { RawClient } from './raw-client.js'
import { tempFolder } from './temp-folder.js'
import { ftpd } from './users.js'

const folder = tempFolder()
const root = join(folder.path, 'root')
const deploy = fileURLToPath(new URL('../deploy/', import.meta.url))

beforeAll(() => mkdirSync(root))
afterAll(() => folder[Symbol.dispose]())

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'])
    return true
  } catch {
    return false
  }
}

/** Receives what a service tells systemd, on a Unix datagram socket, which Node does not have. */
const RECEIVER = `
import os, socket, sys
place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place.bind(sys.argv[1])
print('bound', flush=True)
while True:
    data, ancillary, _, _ = place.recvmsg(4096, socket.CMSG_SPACE(64))
    for _, _, passed in ancillary:
        for index in range(0, len(passed), 4): os.close(int.from_bytes(passed[index:index + 4], sys.byteorder))
    for line in data.decode().split('\\n'):
        if line: print(line, flush=True)
`

test('a socket that the service manager passes is served', async () => {
  using socket = new BoundSocket()
  await using daemon = await DaemonProcess.start(root, ['--workers', '1'], { descriptor: socket.descriptor })
  using client = await RawClient.login(daemon.place)
  expect(await client.ask(1, 'pwd')).toMatchObject({ path: '/' })
  client.half()
  expect(await daemon.stop()).toEqual({ code: 0, signal: null })
})

test('a socket that was passed to another process is not taken', async () => {
  await using daemon = await DaemonProcess.start(root, ['--workers', '0'], {
    env: { ...process.env, LISTEN_PID: '1', LISTEN_FDS: '1' },
  })
  using client = await RawClient.login(daemon.place)
  expect(await client.ask(1, 'pwd')).toMatchObject({ path: '/' })
})

test.skipIf(!has('systemd-notify') || !has('python3'))(
  'systemd is told what becomes of ftpd: ready, reloading, stopping',
  async () => {
    const path = join(folder.path, 'notify')
    const receiver = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(receiver, 'exit')
    const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]()
    const until = async (isMeant: (line: string) => boolean) => {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error('the receiver has ended')
        if (isMeant(value)) return value
      }
    }
    try {
      await until((line) => line === 'bound')
      await using daemon = await DaemonProcess.start(root, ['--workers', '0'], {
        env: { ...process.env, NOTIFY_SOCKET: path },
      })
      await until((line) => line === 'READY=1')
      expect(await until((line) => line.startsWith('STATUS='))).toBe(
        `STATUS=serving ${root} on ${daemon.url}/`,
      )
      daemon.process.kill('SIGHUP')
      await until((line) => line === 'RELOADING=1')
      await until((line) => line === 'READY=1')
      daemon.process.kill('SIGTERM')
      await until((line) => line === 'STOPPING=1')
      expect(await daemon.exited).toEqual({ code: 0, signal: null })
    } finally {
      receiver.kill('SIGKILL')
      await ended
    }
  },
)

test('a service manager that can not be told costs a warning and nothing else', async () => {
  await using daemon = await DaemonProcess.start(root, ['--workers', '0'], {
    env: { ...process.env, PATH: folder.path, NOTIFY_SOCKET: '/no/such' },
  })
  expect(await daemon.logged(({ type }) => type === 'not-notified')).toMatchObject({ level: 40 })
  using client = await RawClient.login(daemon.place)
  expect(await client.ask(1, 'pwd')).toMatchObject({ path: '/' })
})

test.skipIf(!has('systemd-analyze'))('the units in deploy/ are valid and confine ftpd', () => {
  const units = ['ftpd.socket', 'ftpd.service'].map((name) => join(deploy, name))
  expect(execFileSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8', stdio: 'pipe' })).toBe('')
  const report = execFileSync('systemd-analyze', ['security', '--offline=true', units[1] as string], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(report)?.[1])
  expect(exposure).toBeLessThan(3)
})

test('the configuration in deploy/ is valid', async () => {
  const { exitCode, stdout, stderr } = await ftpd(['check', root, '--config', join(deploy, 'ftpd.toml')], {
    env: { FTPD_USERS: emptyUsers() },
  })
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^tls +auto +.*ftpd\.toml:\d+$/m)
})

function emptyUsers(): string {
  const path = join(folder.path, 'users.json')
  writeFileSync(path, '{"version":1,"users":[]}', { mode: 0o600 })
  return path
}

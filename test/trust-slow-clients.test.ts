import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

/** Beginnings of what a client says first: a part of the HELLO, and the whole HELLO with a part of the login. */
const BEGINNINGS = [say.hello().subarray(0, 11), Buffer.concat([say.hello(), say.login()]).subarray(0, -5)]

/** A connection that sends a beginning and no more. */
async function halfLogin(daemon: DaemonProcess, beginning: Uint8Array) {
  const socket = connect({ host: '127.0.0.1', port: Number(daemon.place) }).on('error', () => {})
  await once(socket, 'connect')
  socket.write(beginning)
  socket.resume()
  return { socket, closed: once(socket, 'close') }
}

test('a thousand half-sent HELLOs and logins keep nobody from working, and are gone after their deadline', async () => {
  using folder = tempFolder('in memory')
  const root = join(folder.path, 'root')
  mkdirSync(root)
  await using daemon = await DaemonProcess.start(root, ['--workers', '2', '--login-timeout', '4'])
  const before = daemon.descriptors
  const slow = await Promise.all(
    Array.from({ length: 990 }, (_, index) => halfLogin(daemon, BEGINNINGS[index % 2] as Uint8Array)),
  )
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/a', 'content'))
  expect(await client.ack(1)).toMatchObject({ status: 'stored' })
  await Promise.all(slow.map(({ closed }) => closed))
  const ended = (line: { type?: string; reason?: unknown }) => line.type === 'session-ended' && line.reason
  while (daemon.lines.filter(ended).length < slow.length) await sleep(20)
  expect(new Set(daemon.lines.filter(ended).map(({ reason }) => reason))).toEqual(
    new Set(['timeout: no login within 4 s']),
  )
  // Neither Node nor ftpd has anything to warn of.
  expect(daemon.stderr).toBe('')
  // What is left: the client that works, and what its thread has opened for it.
  while (daemon.descriptors > before + 20) await sleep(20)
})

test.skipIf(process.platform !== 'linux')(
  'clients without number and few descriptors: they are refused or wait, ftpd rests, and serves again',
  async () => {
    using folder = tempFolder('in memory')
    const root = join(folder.path, 'root')
    mkdirSync(root)
    const command = ['sh', '-c', 'ulimit -n 220; exec "$0" "$@"', process.execPath] as const
    const args = ['--workers', '2', '--login-timeout', '60', '--max-connections', '10000']
    await using daemon = await DaemonProcess.start(root, args, { command })
    const sockets = Array.from({ length: 400 }, () =>
      connect({ host: '127.0.0.1', port: Number(daemon.place) })
        .on('error', () => {})
        .resume(),
    )
    try {
      await daemon.logged(({ type }) => type === 'session-refused')
      // Let those that are refused go.
      await sleep(3_000)
      const used = cpuOf(daemon)
      await sleep(2_000)
      // A thread that spins would use two seconds.
      expect(cpuOf(daemon) - used).toBeLessThan(1)
    } finally {
      for (const socket of sockets) socket.destroy()
    }
    while ((await answerOf(daemon)) !== 'HELLO') await sleep(50)
    expect(daemon.hasExited).toBe(false)
  },
)

/** CPU time of all threads so far, in seconds. */
function cpuOf(daemon: DaemonProcess): number {
  const fields = readFileSync(`/proc/${daemon.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** What a new client is told first. */
async function answerOf(daemon: DaemonProcess): Promise<string | undefined> {
  using client = await RawClient.connect(daemon.place)
  client.send(say.hello())
  return (await client.next())?.type
}

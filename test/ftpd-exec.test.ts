import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FtpClient, open } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { type DaemonOptions, DaemonProcess, SERVERS } from './daemon.js'
import { ROUNDS } from './random.js'
import { RawClient } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'

/** Programs of the server when there are many of them, or little is left for them. */

makeRootForEachTest(() => {
  const program = (name: string, script: string) =>
    `[exec.${name}]\ncommand = ["sh", "-c", '${script}']\nusers = ["anonymous"]\nmax-output = 10000000\n`
  const programs = [
    program('hello', 'echo hello'),
    program('silent', 'sleep 4; echo done'),
    program('much', 'head -c 600000 /dev/zero'),
  ]
  writeFileSync(join(folder.path, 'ftpd.toml'), programs.join(''))
}, 'on disk')

const start = (args: readonly string[], options?: DaemonOptions) => {
  const config = ['--config', join(folder.path, 'ftpd.toml')]
  return DaemonProcess.start(root, [...args, ...config], options)
}

async function run(
  client: FtpClient,
  name: string,
): Promise<{ bytes: number; exitCode: number | undefined }> {
  let bytes = 0
  let exitCode: number | undefined
  for await (const item of client.exec(name)) {
    if (item.type === 'output') bytes += item.data.length
    else exitCode = 'exitCode' in item ? item.exitCode : undefined
  }
  return { bytes, exitCode }
}

const HELLO = { bytes: 6, exitCode: 0 }

/** Processes that the daemon has started and that have not ended, whatever threads they are of. */
function children(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  ).length
}

describe.skipIf(process.platform !== 'linux').each(SERVERS)('exec, %s', (_name, args) => {
  test(
    '200 runs at once, and as many in a row, leave no process, descriptor and memory behind',
    async () => {
      await using daemon = await start(args)
      const atOnce = async (count: number) => {
        const clients = Array.from({ length: count }, () => open(daemon.url, { timeout: 120_000 }))
        const ends = await Promise.all(clients.map((client) => run(client, 'hello')))
        expect(ends).toEqual(clients.map(() => HELLO))
        await Promise.all(clients.map((client) => client.close()))
      }
      const inRow = async (count: number) => {
        await using client = open(daemon.url)
        for (let n = 0; n < count; n++) expect(await run(client, 'hello')).toEqual(HELLO)
      }
      const quiet = async () => {
        while (
          daemon.lines.filter(({ type }) => type === 'session-started').length >
            daemon.lines.filter(({ type }) => type === 'session-ended').length ||
          children(daemon.pid) > 0
        )
          await sleep(20)
        return { descriptors: daemon.descriptors, memory: daemon.memory }
      }
      await atOnce(200)
      await inRow(100)
      const before = await quiet()
      await atOnce(200)
      await inRow(200 * ROUNDS)
      const after = await quiet()
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors)
      expect(after.memory - before.memory).toBeLessThan(48 * 1024 * 1024)
    },
    ROUNDS * 300_000,
  )

  test('without a free descriptor a run is refused as busy, and ftpd goes on', async () => {
    const command = ['/bin/sh', '-c', 'ulimit -n 150; exec "$0" "$@"', process.execPath] as const
    await using daemon = await start(args, { command })
    await using client = open(daemon.url, { retry: { retries: 0 } })
    expect(await run(client, 'hello')).toEqual(HELLO)
    while (children(daemon.pid) > 0) await sleep(20)
    const before = daemon.descriptors
    // The connection is there. Each pipe to a program needs two descriptors.
    limit(daemon, '--nofile', before)
    await expect(run(client, 'hello')).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('hello could not be started'),
    })
    limit(daemon, '--nofile', 150)
    expect(await run(client, 'hello')).toEqual(HELLO)
    while (daemon.descriptors > before) await sleep(20)
  })

  test.skipIf(process.getuid?.() !== 0)('without room for a process a run is refused as busy', async () => {
    execFileSync('chown', ['-R', '12345', folder.path])
    const as = ['setpriv', '--reuid=12345', '--clear-groups', '--'] as const
    const command = [...as, process.execPath] as const
    const env = { XDG_CONFIG_HOME: folder.path, XDG_STATE_HOME: folder.path }
    await using daemon = await start(args, { command, env })
    await using client = open(daemon.url, { retry: { retries: 0 } })
    expect(await run(client, 'hello')).toEqual(HELLO)
    limit(daemon, '--nproc', 1, as)
    await expect(run(client, 'hello')).rejects.toMatchObject({ code: 'busy' })
    limit(daemon, '--nproc', 10_000, as)
    expect(await run(client, 'hello')).toEqual(HELLO)
  })

  test('a program that prints nothing for longer than all deadlines is no idle client', async () => {
    await using daemon = await start([...args, '--idle-timeout', '1', '--stall-timeout', '1'])
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'exec', { name: 'silent' })).toMatchObject({ ok: true })
    expect((await client.body(1)).bytes.toString()).toContain('"exitCode":0')
  })

  test('what a program prints passes at the rate of the server, whole', async () => {
    await using daemon = await start([...args, '--limit-rate', '1M'])
    await using client = open(daemon.url)
    expect(await run(client, 'much')).toEqual({ bytes: 600_000, exitCode: 0 })
  })
})

/** Changes what the daemon may have now; the highest that it may ever have stays. `as`: what runs a program as its user. */
function limit(
  daemon: DaemonProcess,
  resource: '--nofile' | '--nproc',
  soft: number,
  as: readonly string[] = [],
): void {
  const prlimit = ['prlimit', '--pid', String(daemon.pid), `${resource}=${soft}:`]
  const [program = '', ...rest] = [...as, ...prlimit]
  execFileSync(program, rest)
}

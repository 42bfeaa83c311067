import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, passedOf, RawClient, say } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'
import { ftpd } from './users.js'

makeRootForEachTest(() => {}, 'on disk')

/** An executable script of the shell. */
function script(name: string, content: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, `#!/bin/sh\n${content}\n`)
  chmodSync(path, 0o755)
  return path
}

function configured(hooks: string): string[] {
  const path = join(folder.path, 'ftpd.toml')
  writeFileSync(path, `[hooks]\n${hooks}`)
  return ['--config', path]
}

describe.each(SERVERS)('%s', (_name, args) => {
  test('a program decides before a file is visible, and is told the facts', async () => {
    const told = join(folder.path, 'told')
    const path = script(
      'accept',
      `env | grep ^FTPD_UPLOAD_ | sort > '${told}'; test ! -e '${root}/new file' || exit 9
       test "$1" = 'an argument; $(false)' || exit 8`,
    )
    const hooks = configured(`accept-upload = ["${path}", "an argument; $(false)"]`)
    await using daemon = await DaemonProcess.start(root, [...args, ...hooks])
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/new file', 'content'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    const { hex } = passedOf('content').digest as { hex: string }
    const lines = readFileSync(told, 'utf8').trim().split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/^FTPD_UPLOAD_ADDRESS=(127\.0\.0\.1|unix)$/),
      `FTPD_UPLOAD_DIGEST=md5:${hex}`,
      'FTPD_UPLOAD_PATH=/new file',
      expect.stringMatching(/^FTPD_UPLOAD_REQUEST_ID=.+/),
      'FTPD_UPLOAD_SIZE=7',
      'FTPD_UPLOAD_USER=anonymous',
    ])
    const { id } = await daemon.logged(({ type }) => type === 'transfer')
    expect(lines[3]).toBe(`FTPD_UPLOAD_REQUEST_ID=${id}`)
  })

  test('what it refuses leaves what was there, and the client is told the last line of its stderr', async () => {
    writeFileSync(join(root, 'old'), 'old content')
    const path = script('refuse', 'echo first >&2; echo "not on a Sunday" >&2; exit 3')
    await using daemon = await DaemonProcess.start(root, [
      ...args,
      ...configured(`accept-upload = ["${path}"]`),
    ])
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/old', 'new content'), say.eagerPut(2, '/new', 'x'))
    for (const id of [1, 2]) {
      const answer = await client.ack(id)
      expect(errorCode(answer)).toBe('permission-denied')
      expect(JSON.stringify(answer)).toContain('not on a Sunday')
      expect(JSON.stringify(answer)).not.toContain('first')
    }
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old content')
    expect(existsSync(join(root, 'new'))).toBe(false)
    client.half()
    await daemon.stop()
    expect(existsSync(join(root, '.jftp'))).toBe(false)
  })

  test.each([
    ['takes too long', 'sleep 1000 & sleep 1000', /took longer than 1 s/],
    ['is killed', 'kill -9 $$', /SIGKILL/],
    ['says nothing', 'exit 7', /exit code 7/],
  ])('a program that %s refuses', async (_what, content, message) => {
    const path = script('bad', content)
    await using daemon = await DaemonProcess.start(root, [
      ...args,
      ...configured(`accept-upload = ["${path}"]\ntimeout = 1`),
    ])
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/new', 'x'))
    const answer = await client.ack(1)
    expect(errorCode(answer)).toBe('permission-denied')
    expect(JSON.stringify(answer)).toMatch(message)
    expect(existsSync(join(root, 'new'))).toBe(false)
  })

  test('a program is told of each stored upload, also while ftpd stops; one that fails is logged', async () => {
    const told = join(folder.path, 'told')
    const path = script(
      'tell',
      `echo "$FTPD_UPLOAD_PATH $FTPD_UPLOAD_SIZE" >> '${told}'; test "$FTPD_UPLOAD_PATH" != /3`,
    )
    await using daemon = await DaemonProcess.start(root, [...args, ...configured(`uploaded = ["${path}"]`)])
    using client = await RawClient.login(daemon.place)
    const ids = Array.from({ length: 20 }, (_, index) => index + 1)
    client.send(...ids.map((id) => say.eagerPut(id, `/${id}`, 'x'.repeat(id))))
    for (const id of ids) expect(await client.ack(id)).toMatchObject({ status: 'stored' })
    client.half()
    expect(await daemon.stop()).toEqual({ code: 0, signal: null })
    const lines = readFileSync(told, 'utf8').trim().split('\n')
    expect(lines.sort()).toEqual(ids.map((id) => `/${id} ${id}`).sort())
    expect(daemon.lines.filter(({ type }) => type === 'hook-failed')).toMatchObject([{ path: '/3' }])
  })
})

test('transfers and hooks share the grace period when ftpd stops', async () => {
  const [begun, done] = [join(folder.path, 'begun'), join(folder.path, 'done')]
  const slow = script('slow', `touch '${begun}'; sleep 7; touch '${done}'`)
  const hooks = configured(`uploaded = ["${slow}"]`)
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', '--grace', '4', ...hooks])
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/a', 'x'))
  expect(await client.ack(1)).toMatchObject({ status: 'stored' })
  expect(await client.ask(2, 'put', { path: '/b' })).toMatchObject({ status: 'ready' })
  while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 20))
  daemon.process.kill('SIGTERM')
  expect(await daemon.exited).toEqual({ code: 0, signal: null })
  // The transfer has used up all of it.
  expect(existsSync(done)).toBe(false)
})

test('a program that is missing refuses', async () => {
  const hooks = configured('accept-upload = ["/no/such"]')
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', ...hooks])
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/new', 'x'))
  expect(JSON.stringify(await client.ack(1))).toContain('could not be run (ENOENT)')
})

test.each([
  ['uploaded = "a program"', /:2: hooks\.uploaded: a program and its arguments are needed/],
  ['uploaded = []', /:2: hooks\.uploaded: a program and its arguments are needed/],
  ['\ntimeout = 31', /:3: hooks\.timeout: a whole number of seconds from 1 to 30 is needed/],
  [
    'other = 1',
    /:2: hooks\.other: there are only accept-upload, uploaded, timeout, webhook, webhook-secret-file/,
  ],
])('%j is refused with its line', async (content, message) => {
  const { exitCode, stderr } = await ftpd(['check', root, ...configured(content)])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(message)
})

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { connect, FtpError, open } from '@jftp/client'
import { createHello, encodeJsonFrame, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { Ftpd } from './client-ftpd.js'
import { type Answer, ack, HostileServer } from './client-hostile-server.js'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'

const BOTH_LISTS =
  'the server offers md5, sha256, and this client md5, sha256, blake3, xxh128, none; choose one that both have'

const onlyOld = { ...createHello('old'), digests: ['md5', 'sha256'] }

describe('a digest that the server does not have', () => {
  test('is refused before anything is sent, with what both sides have', async () => {
    await using server = await HostileServer.start({}, onlyOld)
    await using client = await connect(server.url)
    const put = client.put(Buffer.from('x'), '/f', { digest: 'blake3' })
    await expect(put).rejects.toMatchObject({
      code: 'unsupported',
      retryable: false,
      message: `the digest blake3 is not on both sides: ${BOTH_LISTS}`,
    })
    const sink = new PassThrough()
    await expect(client.get('/f', sink, { digest: 'xxh128' })).rejects.toBeInstanceOf(FtpError)
    expect(sink.destroyed).toBe(true)
    expect(server.heard).toEqual(['login 1'])
  })

  test('is not asked for before the HELLO of the server has come', async () => {
    // Says nothing at all before it has heard the login.
    const admit: Answer = (id) => [
      encodeJsonFrame(FrameType.HELLO, 0, onlyOld),
      ack(id, { user: 'me', home: '/', permissions: [] }),
    ]
    await using server = await HostileServer.start({ login: admit }, 'silent')
    await using client = open(server.url, { digest: 'xxh128' })
    const refusal = { code: 'unsupported', message: `the digest xxh128 is not on both sides: ${BOTH_LISTS}` }
    const put = client.put(Buffer.from('x'), '/f')
    const get = client.get('/f', new PassThrough())
    await expect(put).rejects.toMatchObject(refusal)
    await expect(get).rejects.toMatchObject(refusal)
    await expect(client.put(Buffer.from('x'), '/f', { digest: 'none' })).rejects.toThrow(BOTH_LISTS)
    expect(server.heard).toEqual(['login 1'])
  })

  test('ends the command with code 12', async () => {
    using scratch = new ScratchFolder()
    writeFileSync(join(scratch.local, 'file'), 'x')
    await using server = await HostileServer.start({}, onlyOld)
    const end = await ftp(['put', '--digest', 'blake3', 'file', `${server.url}/`], { cwd: scratch.local })
    expect(end).toMatchObject({ exitCode: 12, stdout: '' })
    expect(end.stderr).toContain(`ftp: put: the digest blake3 is not on both sides: ${BOTH_LISTS}`)
  })
})

describe('without WebAssembly, so without blake3 and xxh128,', () => {
  test('a client says so and ends with code 12', async () => {
    using scratch = new ScratchFolder()
    await using daemon = await DaemonProcess.start(scratch.remote)
    writeFileSync(join(scratch.local, 'file'), 'x')
    const end = await ftp(['put', '--digest', 'xxh128', 'file', `${daemon.url}/`], {
      cwd: scratch.local,
      env: { NODE_OPTIONS: '--jitless' },
    })
    expect(end).toMatchObject({ exitCode: 12, stdout: '' })
    expect(end.stderr).toContain("xxh128 can't be computed here")
    expect(end.stderr).toContain(
      'the server offers md5, sha256, blake3, xxh128, none, and this client md5, sha256, none',
    )
    expect(scratch.names('remote')).not.toContain('file')
  })

  test('ftpd does not offer them, and md5 still works', async () => {
    using scratch = new ScratchFolder()
    await using daemon = await DaemonProcess.start(scratch.remote, [], {
      command: [process.execPath, '--jitless'],
    })
    await using client = await connect(daemon.url)
    await expect(client.put(Buffer.from('x'), '/f', { digest: 'xxh128' })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('the server offers md5, sha256, none, and this client'),
    })
    expect(await client.put(Buffer.from('x'), '/f')).toMatchObject({ status: 'sent', digest: { alg: 'md5' } })
  })
})

test('calls keep their order while the library of a digest is being loaded', async () => {
  await using ftpd = await Ftpd.start()
  // In a process of its own, because here the libraries may be loaded already.
  const script = `
    import { connect } from '@jftp/client'
    const client = await connect(${JSON.stringify(ftpd.url)})
    const calls = [
      client.put(Buffer.from('first'), '/f', { digest: 'blake3' }),
      client.stat('/f'),
      client.put(Buffer.from('second'), '/f', { digest: 'xxh128' }),
      client.mv('/f', '/g'),
      client.put(Buffer.from('third'), '/g', { digest: 'md5' }),
      client.stat('/g'),
    ]
    const results = await Promise.all(calls)
    console.log(results[1].size, results[5].size, results[0].digest.alg, results[2].digest.alg)
    await client.close()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
  })
  expect(stdout).toBe('5 5 blake3 xxh128\n')
})

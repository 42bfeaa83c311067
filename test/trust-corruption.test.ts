import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, FtpError } from '@jftp/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { FaultyProxy } from './faulty-proxy.js'
import { bytesOf, ROUNDS, randomFrom, SEED } from './random.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { staged, tempFolder, visible } from './temp-folder.js'

const folder = tempFolder('in memory')
const root = join(folder.path, 'root')
const local = join(folder.path, 'local')
const oldBytes = bytesOf(3000, 1)
const newBytes = bytesOf(4096, 2)
const large = bytesOf(3 * 1024 * 1024, 3)
const random = randomFrom(SEED)
let daemon: DaemonProcess
let proxy: FaultyProxy
let other: RawClient

beforeAll(async () => {
  mkdirSync(root)
  mkdirSync(local)
  daemon = await DaemonProcess.start(root, ['--workers', '2'])
  proxy = await FaultyProxy.start(daemon.place)
  other = await RawClient.login(daemon.place)
})
afterAll(async () => {
  other[Symbol.dispose]()
  await proxy[Symbol.asyncDispose]()
  await daemon[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})
beforeEach(() => {
  proxy.fault = undefined
  writeFileSync(join(root, 'file'), oldBytes)
})

/** What the server said last, of an upload through the proxy to its end. */
async function put(path: string, bytes: Buffer) {
  using client = await RawClient.connect(proxy.port)
  client.send(say.hello(), say.login(), say.eagerPut(1, path, bytes))
  client.half()
  const said = await client.rest()
  return said.at(-1)
}

/** The size of HELLO, login and REQUEST: the body begins after it. */
function headSize(bytes: Buffer): number {
  return Buffer.concat([say.hello(), say.login(), say.eagerPut(1, '/file', bytes)]).length - tailSize(bytes)
}
/** The size of DATA and END. */
function tailSize(bytes: Buffer): number {
  return say.data(1, bytes).length + say.end(1, bytes).length
}

describe(`one corrupted byte (seed ${SEED})`, () => {
  test('anywhere in the DATA and END of an upload: nothing changes', async () => {
    const start = headSize(newBytes)
    const length = tailSize(newBytes)
    const bodyAt = start + 8
    // Every byte of the DATA header and of the END, and some of the content.
    const offsets = Array.from({ length }, (_, n) => start + n).filter(
      (at) => at < bodyAt || at >= bodyAt + newBytes.length || random() < (ROUNDS * 200) / newBytes.length,
    )
    const codes = new Set<string>()
    for (const at of offsets) {
      proxy.fault = { what: 'corrupt', towards: 'to the server', at }
      const code = errorCode((await put('/file', newBytes))?.json)
      if (at >= bodyAt && at < bodyAt + newBytes.length) expect(code, `byte ${at}`).toBe('digest-mismatch')
      expect(code, `byte ${at}`).not.toBe('none')
      codes.add(code)
      expect(readFileSync(join(root, 'file')).equals(oldBytes), `byte ${at}`).toBe(true)
    }
    expect(proxy.struck).toBeGreaterThanOrEqual(offsets.length)
    expect([...codes].sort()).toEqual(['cancelled', 'digest-mismatch', 'protocol-error'])
    expect(staged(root)).toEqual([])
    expect(await other.ask(1, 'pwd')).toMatchObject({ ok: true })
  })

  test('in what comes before the body: whatever is stored, under whatever name, is whole', async () => {
    for (let at = 0; at < headSize(newBytes); at++) {
      proxy.fault = { what: 'corrupt', towards: 'to the server', at }
      await put('/file', newBytes)
      for (const name of visible(root)) {
        const content = readFileSync(join(root, name))
        expect(content.equals(newBytes) || content.equals(oldBytes), `byte ${at}: ${name}`).toBe(true)
      }
    }
    expect(staged(root)).toEqual([])
    expect(await other.ask(1, 'pwd')).toMatchObject({ ok: true })
  })

  test('in a large upload by the library: digest-mismatch, and the old file is there', async () => {
    for (let n = 0; n < 10 * ROUNDS; n++) {
      const start = 2000
      proxy.fault = {
        what: 'corrupt',
        towards: 'to the server',
        at: start + Math.floor(random() * (large.length - start)),
      }
      await using client = await connect(`jftp://127.0.0.1:${proxy.port}/`)
      const error = await client.put(large, '/file').then(
        () => undefined,
        (failed: unknown) => failed,
      )
      expect(error).toBeInstanceOf(FtpError)
      expect(['digest-mismatch', 'protocol-error']).toContain((error as FtpError).code)
      expect(readFileSync(join(root, 'file')).equals(oldBytes)).toBe(true)
    }
    expect(await other.ask(1, 'pwd')).toMatchObject({ ok: true })
  })

  test('in a large download by the library: digest-mismatch, and the old local file is there', async () => {
    writeFileSync(join(root, 'large'), large)
    writeFileSync(join(local, 'file'), oldBytes)
    for (let n = 0; n < 10 * ROUNDS; n++) {
      const at = 2000 + Math.floor(random() * (large.length - 2000))
      proxy.fault = { what: 'corrupt', towards: 'to the client', at }
      await using client = await connect(`jftp://127.0.0.1:${proxy.port}/`)
      const error = await client.get('/large', join(local, 'file')).then(
        () => undefined,
        (failed: unknown) => failed,
      )
      expect(error).toBeInstanceOf(FtpError)
      expect(['digest-mismatch', 'protocol-error']).toContain((error as FtpError).code)
      expect(readdirSync(local)).toEqual(['file'])
      expect(readFileSync(join(local, 'file')).equals(oldBytes)).toBe(true)
    }
    expect(existsSync(join(root, 'large'))).toBe(true)
  })
})

import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { connect } from '@jftp/client'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { ScratchFolder } from './scratch-folder.js'

const SIZE = 300_000
let scratch: ScratchFolder

beforeEach(() => {
  const own = new ScratchFolder()
  onTestFinished(() => own[Symbol.dispose]())
  scratch = own
})

const table = () => join(scratch.remote, '.jftp/digests/table-1')
const local = (name: string) => join(scratch.local, name)

/** Puts another digest in the place of each that is kept. Returns how many there were. */
function falsify(): number {
  const bytes = readFileSync(table())
  let count = 0
  for (let at = 0; at < bytes.length; at += 128) {
    if (bytes.readUInt32LE(at + 80) === 0) continue
    bytes[at + 48] = (bytes[at + 48] as number) ^ 1
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 80)), at + 80)
    count++
  }
  writeFileSync(table(), bytes, { flag: 'r+' })
  return count
}

describe.each(SERVERS)('served by %s', (_, args) => {
  test('a false digest lets a download fail, and never a wrong file pass', async () => {
    await using daemon = await DaemonProcess.start(scratch.remote, args)
    const bytes = Buffer.alloc(SIZE, 'x')
    await using one = await connect(daemon.url)
    await using two = await connect(daemon.url)
    await one.put(bytes, '/file')
    expect(falsify()).toBe(1)
    for (const client of [one, two]) {
      await expect(client.get('/file', local('file'))).rejects.toMatchObject({
        code: 'digest-mismatch',
        message: expect.stringContaining("if that fails too, the file is damaged on the server's disk"),
      })
      expect(scratch.names('local')).toEqual([])
      // Another digest is not in the table, so the server computes it.
      const right = await client.get('/file', local('right'), { digest: 'sha256' })
      expect(right.status).toBe('received')
      rmSync(local('right'))
    }
  })

  test('a request for a digest does not read a file whose digest is kept', async () => {
    await using daemon = await DaemonProcess.start(scratch.remote, args)
    await using client = await connect(daemon.url)
    const { digest } = await client.put(Buffer.alloc(SIZE, 'x'), '/file')
    const told = async () => {
      const answers: unknown[] = []
      for await (const each of client.hash(['/file'])) answers.push(each)
      return answers
    }
    const right = [{ type: 'digest', path: '/file', digest }]
    expect(await told()).toEqual(right)
    falsify()
    expect(await told()).not.toEqual(right)
    utimesSync(join(scratch.remote, 'file'), 1, 1)
    expect(await told()).toEqual(right)
  })

  test('a file that is written to in place is digested anew, also if its time is set back', async () => {
    await using daemon = await DaemonProcess.start(scratch.remote, args)
    await using client = await connect(daemon.url)
    await client.put(Buffer.alloc(SIZE, 'x'), '/file')
    writeFileSync(join(scratch.remote, 'file'), Buffer.alloc(SIZE, 'y'), { flag: 'r+' })
    utimesSync(join(scratch.remote, 'file'), 1, 1)
    await client.get('/file', local('file'))
    expect(readFileSync(local('file')).equals(Buffer.alloc(SIZE, 'y'))).toBe(true)
  })
})

test('what is kept may be removed while ftpd runs, and outlives it otherwise', async () => {
  const first = await DaemonProcess.start(scratch.remote)
  const client = await connect(first.url)
  await client.put(Buffer.alloc(SIZE, 'x'), '/file')
  rmSync(join(scratch.remote, '.jftp'), { recursive: true })
  expect(await client.get('/file', local('file'))).toMatchObject({ status: 'received' })
  await client.put(Buffer.alloc(SIZE, 'y'), '/other')
  await client.close()
  await first.stop('SIGKILL')
  await using second = await DaemonProcess.start(scratch.remote)
  await using later = await connect(second.url)
  expect(falsify()).toBe(1)
  await expect(later.get('/other', local('other'))).rejects.toMatchObject({ code: 'digest-mismatch' })
})

test('a table that can’t be used costs one warning and no transfer', async () => {
  mkdirSync(table(), { recursive: true })
  await using daemon = await DaemonProcess.start(scratch.remote, ['--workers', '2'])
  for (let turn = 0; turn < 4; turn++) {
    await using client = await connect(daemon.url)
    await client.put(Buffer.alloc(SIZE, 'x'), '/file')
    await client.get('/file', local('file'))
  }
  const warning = await daemon.logged(({ type }) => type === 'digests-not-kept')
  expect(warning.text).toContain('digests of files are not kept')
  await daemon.stop()
  expect(daemon.lines.filter(({ type }) => type === 'digests-not-kept')).toHaveLength(1)
})

test('with --no-keep-digests nothing is kept', async () => {
  await using daemon = await DaemonProcess.start(scratch.remote, ['--no-keep-digests'])
  await using client = await connect(daemon.url)
  await client.put(Buffer.alloc(SIZE, 'x'), '/file')
  await client.get('/file', local('file'))
  expect(existsSync(table())).toBe(false)
})

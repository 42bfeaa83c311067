import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupCommit, PartFiles, TransferThread } from '@jftp/transfer'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FtpError } from '../errors/ftp-error.js'
import type { DownloadOutcome } from './download-sink.js'
import { FileDownload } from './file-download.js'

const { fsync } = fs
const thread = new TransferThread()
const resources = { thread, commits: new GroupCommit(), partFiles: new PartFiles(), waitFor() {} }
let folder = ''

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'jftp-download-'))
})
afterEach(() => {
  fs.fsync = fsync
  syncBuiltinESMExports()
  fs.rmSync(folder, { recursive: true })
})
afterAll(() => thread.close())

async function download(path: string, onExists: 'overwrite' | 'rename' | 'fail', taken?: () => void) {
  const file = new FileDownload(path, resources, { onExists, url: 'ann@host/new' })
  expect(file.prepare()).toBe('needed')
  file.open({ size: 3, mtime: 0, mode: 0o644 }, 'md5', 0)
  await file.write([Buffer.from('new')], 'shared')
  await file.finish()
  taken?.()
  return new Promise<DownloadOutcome | FtpError>((resolve) => file.commit(resolve))
}

test('a file whose folder can’t be synced is said to be complete, under the name it got', async () => {
  const failed = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fsync' })
  fs.fsync = ((fd: number, done: (error: Error | null) => void) =>
    fs.fstatSync(fd).isDirectory() ? done(failed) : fsync(fd, done)) as typeof fs.fsync
  syncBuiltinESMExports()
  const path = join(folder, 'file')
  fs.writeFileSync(path, 'old')
  expect(await download(path, 'rename')).toMatchObject({
    code: 'local-io',
    path: `${path}.new`,
    message: `${path}.new: it is complete, but its folder could not be synced: a loss of power may undo it`,
  })
  expect(fs.readFileSync(`${path}.new`, 'utf8')).toBe('new')
})

describe('a file that is to be continued from the one that has its name', () => {
  const path = () => join(folder, 'file')

  async function found(): Promise<FileDownload> {
    fs.writeFileSync(path(), 'half')
    const file = new FileDownload(path(), resources, { onExists: 'resume', url: 'ann@host/whole' })
    await file.findStart('md5')
    expect(file.start?.size).toBe(4)
    return file
  }
  const open = (file: FileDownload, size: number) => file.open({ size, mtime: 0, mode: 0o644 }, 'md5', 4)
  const descriptors = () => fs.readdirSync('/proc/self/fd').length

  test('fails if that one was changed after it was digested, and leaves nothing', async () => {
    for (const size of [4, 9]) {
      const file = await found()
      const before = descriptors()
      fs.writeFileSync(path(), 'HALF')
      // Within one step of the clock the time would stay the same.
      fs.utimesSync(path(), 1, 1)
      file.prepare()
      expect(() => open(file, size)).toThrow(expect.objectContaining({ code: 'changed', path: path() }))
      expect(fs.readdirSync(folder)).toEqual(['file'])
      expect(descriptors()).toBe(before)
    }
  })

  test('fails if that one is gone, and leaves nothing', async () => {
    const file = await found()
    const before = descriptors()
    fs.rmSync(path())
    expect(() => open(file, 9)).toThrow(expect.objectContaining({ code: 'changed', path: path() }))
    expect(fs.readdirSync(folder)).toEqual([])
    expect(descriptors()).toBe(before)
  })
})

test('a name that is taken in the meantime is refused, and nothing is left behind', async () => {
  const path = join(folder, 'file')
  const outcome = await download(path, 'fail', () => fs.writeFileSync(path, 'theirs'))
  expect(outcome).toMatchObject({ code: 'local-exists', path })
  expect(fs.readdirSync(folder)).toEqual(['file'])
  expect(fs.readFileSync(path, 'utf8')).toBe('theirs')
})

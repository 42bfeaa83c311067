import { execFileSync } from 'node:child_process'
import { statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { changeModeOnDisk, setTimeOnDisk } from './disk-attributes.js'
import { openFolder } from './folder.js'

let folder: ReturnType<typeof tempFolder>
let outside: ReturnType<typeof tempFolder>

beforeEach(() => {
  folder = tempFolder()
  outside = tempFolder()
  writeFileSync(join(outside.path, 'file'), '', { mode: 0o600 })
})
afterEach(() => {
  folder[Symbol.dispose]()
  outside[Symbol.dispose]()
})

test.skipIf(process.platform === 'win32')(
  'a name that was swapped for a link out of the root is not followed',
  async () => {
    const target = join(outside.path, 'file')
    const before = statSync(target)
    symlinkSync(target, join(folder.path, 'swapped'))
    const place = { folder: openFolder(folder.path), name: 'swapped', atTop: true }
    expect(await codeOf(() => changeModeOnDisk(place, '/swapped', 0o777))).toBe('changed')
    expect(await codeOf(() => setTimeOnDisk(place, '/swapped', 5000))).toBe('changed')
    place.folder.close()
    expect(statSync(target)).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs })
  },
)

describe('on the disk', () => {
  let storage: TestDisk
  beforeEach(() => {
    storage = new TestDisk(folder.path)
    writeFileSync(join(folder.path, 'file'), 'content', { mode: 0o644 })
  })
  afterEach(() => storage.close())

  const modeOf = (name: string) => statSync(join(folder.path, name)).mode & 0o7777

  test('a bit above 0o777 is not set, and is kept or removed where it was', async () => {
    expect(await codeOf(() => storage.changeMode('/file', 0o4755))).toBe('unsupported')
    execFileSync('chmod', ['2755', join(folder.path, 'file')])
    storage.changeMode('/file', 0o2700)
    expect(modeOf('file')).toBe(0o2700)
    storage.changeMode('/file', 0o700)
    expect(modeOf('file')).toBe(0o700)
  })

  test('a file that nobody may read can still be changed', () => {
    storage.changeMode('/file', 0)
    storage.changeMode('/file', 0o600)
    expect(modeOf('file')).toBe(0o600)
  })

  test('a named pipe is left alone, and nobody waits for its other end', async () => {
    execFileSync('mkfifo', [join(folder.path, 'pipe')])
    expect(await codeOf(() => storage.changeMode('/pipe', 0o600))).toBe('unsupported')
    expect(await codeOf(() => storage.touch('/pipe', { create: true }))).toBe('unsupported')
  })

  test('a link that leads to nothing is touched as the file it leads to', async () => {
    symlinkSync('new', join(folder.path, 'link'))
    await storage.touch('/link', { create: true, mtime: 5000 })
    expect(statSync(join(folder.path, 'new'))).toMatchObject({ size: 0, mtimeMs: 5000 })
  })
})

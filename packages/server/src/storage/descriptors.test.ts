import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { begin, codeOf, complete, load, names, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { OWN_ID } from './daemon-id.js'
import { hasProcFs } from './folder.js'
import { removeStaging, sweepStaging } from './staging-sweep.js'

let folder: ReturnType<typeof tempFolder>
let root = ''
let storage: TestDisk

beforeEach(() => {
  folder = tempFolder('in memory')
  root = folder.path
  storage = new TestDisk(root)
  mkdirSync(join(root, 'folder', 'deep'), { recursive: true })
  mkdirSync(join(root, 'many'))
  for (let n = 0; n < 300; n++) writeFileSync(join(root, 'many', `${n}`), '')
  writeFileSync(join(root, 'file'), 'content')
  symlinkSync('folder', join(root, 'link'))
  symlinkSync('/etc', join(root, 'out'))
  symlinkSync('circle', join(root, 'circle'))
  execFileSync('mkfifo', [join(root, 'pipe')])
})
afterEach(() => {
  storage.close()
  folder[Symbol.dispose]()
})

/** What this process has open in the root. A descriptor may go while they are read. */
function heldInRoot(): string[] {
  const descriptors = `/proc/${process.pid}/fd`
  return readdirSync(descriptors)
    .map((fd) => targetOf(join(descriptors, fd)))
    .filter((target) => target.includes(root))
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

/** Each leaves things as it found them. */
const operations: Record<string, () => unknown> = {
  stat: () => storage.stat('/folder/deep'),
  'stat of nothing': () => storage.stat('/folder/none'),
  'stat below a file': () => storage.stat('/file/below/it'),
  'stat through a link': () => storage.stat('/link/deep'),
  'stat through a link that leads out': () => storage.stat('/out/passwd'),
  'stat in a circle': () => storage.stat('/circle/file'),
  list: () => names(storage, '/many'),
  'list through a link': () => names(storage, '/link'),
  'list of a file': () => names(storage, '/file'),
  'list of nothing': () => names(storage, '/none'),
  'list that leads out': () => names(storage, '/out'),
  'list begun and not ended': () => {
    const { pages, close } = storage.list('/many')
    for (const _page of pages as Iterable<unknown>) break
    return close()
  },
  'list stopped on the way': () => {
    const { pages, close } = storage.list('/many')
    const iterator = (pages as Iterable<unknown>)[Symbol.iterator]()
    iterator.next()
    return close()
  },
  'list not read at all': () => storage.list('/many').close(),
  checkFolder: () => storage.checkFolder('/link/deep'),
  'checkFolder of a file': () => storage.checkFolder('/file'),
  get: () => load(storage, '/file'),
  'get of a folder': () => load(storage, '/folder'),
  'get of a pipe': () => load(storage, '/pipe'),
  'get of nothing': () => load(storage, '/none'),
  'get that leads out': () => load(storage, '/out/passwd'),
  'get of a link that leads out': () => load(storage, '/out'),
  put: () => store(storage, '/folder/deep/put', 'x'),
  'put through a link': () => store(storage, '/link/put', 'x'),
  'put to a link in a circle': () => store(storage, '/circle', 'x'),
  'put to a link that leads out': () => store(storage, '/out', 'x'),
  'put to a folder': () => store(storage, '/folder', 'x'),
  'put below nothing': () => store(storage, '/none/below', 'x'),
  'put skipped': () => store(storage, '/file', 'x', { onExists: 'skip' }),
  'put refused': () => store(storage, '/file', 'x', { onExists: 'fail' }),
  'put with no time': () => store(storage, '/file', 'x', { mtime: Number.MAX_SAFE_INTEGER }),
  'put too large': () => store(storage, '/file', 'x', { size: 2 ** 52 }),
  'put discarded': () => begin(storage, '/folder/discarded').discard(),
  'put overtaken': () => {
    const upload = begin(storage, '/folder/overtaken', { onExists: 'fail' })
    writeFileSync(join(root, 'folder', 'overtaken'), '')
    return complete(upload, 'x').then(() => rmSync(join(root, 'folder', 'overtaken')))
  },
  'put into a folder that goes': () => {
    mkdirSync(join(root, 'goes'))
    const upload = begin(storage, '/goes/file')
    rmSync(join(root, 'goes'), { recursive: true })
    return complete(upload, 'x')
  },
  'mkdir and rmdir': async () => {
    await storage.makeFolder('/a/b/c', 'make-parents')
    await storage.removeFolder('/a/b/c')
    await storage.removeFolder('/a/b')
    await storage.removeFolder('/a')
  },
  'mkdir of what is there': () => storage.makeFolder('/folder', 'one'),
  'mkdir that leads out': () => storage.makeFolder('/out/new/folder', 'make-parents'),
  'rmdir of what is full': () => storage.removeFolder('/folder'),
  'rm of a folder': () => storage.removeFile('/folder'),
  'mv of nothing': () => storage.rename('/none', '/folder/none', 'fail'),
  'mv to nowhere': () => storage.rename('/file', '/none/file', 'fail'),
  'mv over a file': () => storage.rename('/folder', '/file', 'fail'),
  mv: async () => {
    await storage.rename('/file', '/folder/file', 'fail')
    await storage.rename('/folder/file', '/file', 'overwrite')
  },
  'the sweep': () => sweepStaging(root),
}

describe.skipIf(!hasProcFs)('no descriptor is left open', () => {
  test.each(Object.entries(operations))('%s', async (_name, operation) => {
    for (let n = 0; n < 3; n++) await codeOf(operation)
    storage.close()
    expect(heldInRoot()).toEqual([])
  })

  test('nor does a storage that goes on hold more and more', async () => {
    for (let n = 0; n < 3; n++) {
      for (const operation of Object.values(operations)) await codeOf(operation)
    }
    // The staging folder, and the folder used last.
    expect(heldInRoot().length).toBeLessThanOrEqual(2)
  })

  test('where .jftp can’t be made', async () => {
    writeFileSync(join(root, '.jftp'), '')
    for (let n = 0; n < 3; n++)
      expect(await codeOf(() => store(storage, '/new', 'x'))).toBe('not-a-directory')
    rmSync(join(root, '.jftp'))
    mkdirSync(join(root, '.jftp'))
    writeFileSync(join(root, '.jftp', `staging-${OWN_ID}`), '')
    for (let n = 0; n < 3; n++)
      expect(await codeOf(() => store(storage, '/new', 'x'))).toBe('not-a-directory')
    await removeStaging(root)
    storage.close()
    expect(heldInRoot()).toEqual([])
    expect(readdirSync(root)).toContain('file')
  })
})

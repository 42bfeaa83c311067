import { Buffer } from 'node:buffer'
import { type Dirent, lstatSync, opendirSync, readlinkSync, type Stats } from 'node:fs'
import type { Entry } from '@jftp/protocol'
import { clampTime } from '@jftp/transfer'
import { errnoOf } from './disk-error.js'
import type { Folder } from './folder.js'
import { isReserved } from './path-walk.js'

/** Entries of one page: enough to be worth a frame, few enough that other sessions need not wait long. */
const PAGE_LENGTH = 256

/** `path` leads to what `stat` describes. If that is a link, it is read. */
export function toEntry(name: string, stat: Stats, path: string | Buffer): Entry {
  const entry = {
    name,
    type: typeOf(stat),
    // Some file systems hold sizes and times that JSON or a calendar can't: the nearest value stands for them.
    size: Math.min(stat.size, Number.MAX_SAFE_INTEGER),
    mtime: clampTime(Math.floor(stat.mtimeMs)),
    mode: stat.mode & 0o7777,
  }
  return stat.isSymbolicLink() ? { ...entry, target: readlinkSync(path) } : entry
}

/** What a folder holds, in the order of the file system, without `.`, `..` and the server's own folder. */
export function* readEntries(folder: Folder, atTop: 'top' | 'below'): Generator<Entry[]> {
  // Names are read as bytes, because the text of a name that is not UTF-8 can't be turned back into the name.
  const dir = opendirSync(folder.self, { encoding: 'buffer' as BufferEncoding, bufferSize: PAGE_LENGTH })
  try {
    let page: Entry[] = []
    for (let item = dir.readSync(); item !== null; item = dir.readSync()) {
      const entry = readEntry(folder, nameOf(item))
      if (entry === undefined) continue
      if (atTop === 'top' && isReserved(entry.name)) continue
      page.push(entry)
      if (page.length < PAGE_LENGTH) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  } finally {
    dir.closeSync()
  }
}

/** Undefined if it was removed after the folder was read. */
function readEntry(folder: Folder, raw: Buffer): Entry | undefined {
  const name = raw.toString()
  const isUtf8 = Buffer.from(name).equals(raw)
  const path = isUtf8 ? folder.child(name) : folder.child(raw)
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    const entry = toEntry(name, stat, path)
    return isUtf8 ? entry : { ...entry, rawName: raw.toString('base64') }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function nameOf(item: Dirent): Buffer {
  return Buffer.from(item.name as string | Buffer as Buffer)
}

function typeOf(stat: Stats): Entry['type'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

import { execFile } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ProgramCall } from '../command.js'
import { programOf, startFtpd } from '../peers/ftpd.js'
import { Skip } from '../skip.js'
import type { Workbench } from '../workbench.js'
import { watchMemory } from './memory-watch.js'
import { writeRandomFile } from './random-file.js'
import { writeSmallFiles } from './small-files.js'
import { checkRoom } from './space.js'

/** The most either process held at once while it did one thing, in bytes. */
export interface MemoryRow {
  readonly work: string
  readonly ftp: number
  readonly ftpd: number
  /** `md5sum` of both sides agrees, where the work was one file. */
  readonly md5?: 'equal' | 'different'
}

const FILE = 'memory.bin'
const COPY = 'memory-copy.bin'

/** Both ways for a sparse file, a random one and many small ones, with a fresh ftpd each time. */
export async function measureMemory(
  workbench: Workbench,
  { size, sparseSize, files }: { size: number; sparseSize: number; files: number },
  note: (text: string) => void,
): Promise<MemoryRow[]> {
  if (process.platform !== 'linux') throw new Skip('needs /proc')
  checkRoom(workbench.folder, Math.max(2 * size, sparseSize))
  const rows: MemoryRow[] = []
  const sources: [string, number, (path: string) => void][] = [
    ['random', size, (path) => writeRandomFile(path, size)],
    ['sparse', sparseSize, (path) => writeSparseFile(path, sparseSize)],
  ]
  for (const [kind, bytes, write] of sources) {
    const file = `${(bytes / 2 ** 30).toFixed(2)} GiB ${kind}`
    for (const direction of ['put', 'get'] as const) {
      note(`memory: ${direction} ${file}`)
      rows.push(await oneFile(workbench, { direction, work: `${direction} ${file}`, write }))
    }
  }
  note('memory: many files')
  return [...rows, ...(await manyFiles(workbench, files))]
}

interface OneFile {
  readonly direction: 'get' | 'put'
  readonly work: string
  write(path: string): void
}

async function oneFile(workbench: Workbench, { direction, work, write }: OneFile): Promise<MemoryRow> {
  const { local, served } = workbench
  const [from, to] = direction === 'put' ? [local, served] : [served, local]
  const [source, copy] = [join(from, FILE), join(to, COPY)]
  write(source)
  try {
    const peaks = await watchBoth(workbench, (url) => {
      const words = direction === 'put' ? [source, `${url}${COPY}`] : [`${url}${FILE}`, '-o', copy]
      return ftp(direction, ...words)
    })
    const same = (await md5sum(source)) === (await md5sum(copy))
    return { work, ...peaks, md5: same ? 'equal' : 'different' }
  } finally {
    rmSync(source)
    rmSync(copy, { force: true })
  }
}

async function manyFiles(workbench: Workbench, files: number): Promise<MemoryRow[]> {
  const folders = ['there', 'back'].map((name) => join(workbench.local, `memory-${name}`))
  const [there = '', back = ''] = folders
  const stored = join(workbench.served, 'memory')
  writeSmallFiles(there, files)
  mkdirSync(back)
  mkdirSync(stored)
  try {
    const work = `${files.toLocaleString('en')} small files`
    const put = await watchBoth(workbench, (url) => ftp('put', '-r', there, '-O', `${url}memory`))
    const get = await watchBoth(workbench, (url) => ftp('get', '-r', `${url}memory`, '-O', back))
    return [
      { work: `put ${work}`, ...put },
      { work: `get ${work}`, ...get },
    ]
  } finally {
    for (const folder of [...folders, stored]) rmSync(folder, { recursive: true })
  }
}

function ftp(...args: string[]): ProgramCall {
  return { program: process.execPath, args: [programOf('ftp'), ...args] }
}

async function watchBoth(workbench: Workbench, commandFor: (url: string) => ProgramCall) {
  const ftpd = await startFtpd(workbench)
  const stopServer = watchMemory(ftpd.pid)
  let stopClient = () => 0
  try {
    await workbench.time(commandFor(ftpd.url), (pid) => {
      stopClient = watchMemory(pid)
    })
  } finally {
    await workbench.stop(ftpd.process)
  }
  return { ftp: stopClient(), ftpd: stopServer() }
}

function writeSparseFile(path: string, size: number): void {
  const file = openSync(path, 'wx')
  ftruncateSync(file, size)
  closeSync(file)
}

async function md5sum(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)('md5sum', ['--', path])
  return stdout.slice(0, 32)
}

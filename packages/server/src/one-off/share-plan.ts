import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RESERVED_NAME } from '../storage/path-walk.js'
import type { SharedName } from '../storage/shared-storage.js'
import { UsageError } from '../usage-error.js'

/** A file of this machine. */
export interface SharedFile {
  readonly realPath: string
  /** Bytes when the share began. */
  readonly size: number
}

/** What is to be downloaded before a share is complete. */
export interface SharePlan {
  readonly shared: readonly SharedName[]
  /** Every file by its remote path. */
  readonly files: ReadonlyMap<string, SharedFile>
  readonly bytes: number
}

/** Looks at what is to be shared. A link is shared as what it leads to. Throws UsageError. */
export function planShare(paths: readonly string[]): SharePlan {
  const byName = new Map<string, string>()
  const files = new Map<string, SharedFile>()
  let bytes = 0
  for (const path of paths) {
    const real = resolveShared(path)
    const name = basename(real)
    const other = byName.get(name) ?? real
    if (other !== real) {
      throw new UsageError(
        `${other} and ${real} have the same name; share the folder that holds them, or rename one of them`,
      )
    }
    if (byName.has(name)) continue
    byName.set(name, real)
    bytes += addFiles(files, `/${name}`, real)
  }
  if (files.size === 0) throw new UsageError('there is no file in what is to be shared')
  const shared = [...byName].map(([name, real]) => ({ folder: dirname(real), name }))
  return { shared, files, bytes }
}

function resolveShared(path: string): string {
  let real: string
  let stat: Stats
  try {
    real = realpathSync(path)
    stat = lstatSync(real)
    if (stat.isFile() || stat.isDirectory()) accessSync(real, constants.R_OK)
  } catch (error) {
    throw new UsageError(
      `can't read ${path} (${(error as NodeJS.ErrnoException).code}); check its owner and mode`,
    )
  }
  if (!stat.isFile() && !stat.isDirectory()) throw new UsageError(`${path} is neither a file nor a folder`)
  if (dirname(real) === real) throw new UsageError(`${path} is a whole disk; name the folders to share`)
  if (basename(real).toLowerCase() === RESERVED_NAME) {
    throw new UsageError(`${path}: the name ${RESERVED_NAME} is kept for ftpd's own files; rename it`)
  }
  return real
}

/** Undefined if nothing is there, or nobody may see what is there. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** Adds every regular file that can be read. Returns their bytes. Links are not counted: a client may leave them out. */
function addFiles(files: Map<string, SharedFile>, top: string, real: string): number {
  let bytes = 0
  const waiting = [{ path: top, real }]
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const stat = statOf(item.real)
    if (stat?.isDirectory()) {
      for (const name of namesIn(item.real)) {
        waiting.push({ path: `${item.path}/${name}`, real: join(item.real, name) })
      }
    } else if (stat?.isFile() && isReadable(item.real)) {
      files.set(item.path, { realPath: item.real, size: stat.size })
      bytes += stat.size
    }
  }
  return bytes
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Whoever downloads the folder is told why it can't be read.
    return []
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

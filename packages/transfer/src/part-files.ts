import { lstatSync, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { StagedFile } from './atomic-file.js'
import { keptName, type PartSource, readPartName, targetKey, urlKey, usedName } from './part-name.js'

/** Folders remembered; if there are more, the oldest is forgotten and will be swept once more. */
const MAX_FOLDERS = 1000

/** A part that nobody has continued for this long is removed, in milliseconds: 7 days. */
const MAX_AGE = 7 * 24 * 3_600_000

/** To fetch fewer bytes again costs less than to keep and compare them: 1 MiB. */
export const MIN_PART_SIZE = 1024 * 1024

/** A part that is to be continued. It belongs to its download now. */
export interface TakenPart {
  readonly staged: StagedFile
  /** The version of the file that it is a part of. */
  readonly size: number
  readonly mtime: number
}

/**
 * The hidden files in which downloads gather their bytes, each beside its target. The name says which process writes
 * it and what it is a part of. So whoever downloads into the same folder later can continue what was cut or left by a
 * killed process, and remove what is of no use any more.
 */
export class PartFiles {
  /** How many more files are made in a folder before it is swept again. */
  readonly #untilSweep = new Map<string, number>()

  /**
   * Makes a part file for `target`, with these permission bits less the umask. With a source it can be continued, and
   * takes the place of what was kept for this target.
   */
  create(mode: number, target: string, source?: PartSource): StagedFile {
    const folder = dirname(target)
    const left = this.#untilSweep.get(folder) ?? 0
    // Sweeping costs a look at each name in the folder, so a large folder is swept less often.
    this.#remember(folder, left > 0 ? left - 1 : sweep(folder))
    if (source !== undefined) drop(target)
    const path = join(folder, usedName(target, source))
    return { fd: openSync(path, 'wx+', mode), path }
  }

  /** Takes what is kept or was left of a source for this target; undefined if nothing is. */
  take(target: string, url: string): TakenPart | undefined {
    const folder = dirname(target)
    for (const { name, origin, size } of partsFor(target)) {
      if (origin.url !== urlKey(url) || size > origin.size) continue
      const path = join(folder, usedName(target, { url, size: origin.size, mtime: origin.mtime }))
      try {
        renameSync(join(folder, name), path)
      } catch {
        // Another process has taken it.
        continue
      }
      return { staged: { fd: openSync(path, 'r+'), path }, size: origin.size, mtime: origin.mtime }
    }
    return undefined
  }

  /**
   * Keeps the part file at `path`, in the place of what was kept for this target before. Never throws: if the file
   * or its folder is gone, the next download begins anew.
   */
  keep(path: string, target: string, source: PartSource): void {
    const isSuperseded = namesIn(dirname(target)).some((name) => {
      const { state, origin } = readPartName(name) ?? {}
      return state === 'used' && origin?.target === targetKey(target) && name !== basename(path)
    })
    // A later download of the same target has begun anew.
    if (isSuperseded) return removeQuietly(path)
    drop(target)
    try {
      renameSync(path, join(dirname(target), keptName(target, source)))
    } catch {
      // If the file is still there, a later download takes it or sweeps it away.
    }
  }

  #remember(folder: string, untilSweep: number): void {
    const [oldest] = this.#untilSweep.keys()
    if (this.#untilSweep.size >= MAX_FOLDERS && oldest !== undefined && !this.#untilSweep.has(folder)) {
      this.#untilSweep.delete(oldest)
    }
    this.#untilSweep.set(folder, untilSweep)
  }
}

/** Removes parts that nobody will continue. Returns how many names the folder held. */
function sweep(folder: string): number {
  const names = namesIn(folder)
  for (const name of names) {
    const part = readPartName(name)
    if (part === undefined || part.state === 'used') continue
    const path = join(folder, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    const isWorthKeeping =
      part.origin !== undefined &&
      stat !== undefined &&
      stat.size >= MIN_PART_SIZE &&
      Date.now() - stat.mtimeMs < MAX_AGE
    if (!isWorthKeeping) removeQuietly(path)
  }
  return names.length
}

/** Removes what is kept or was left for a target. */
function drop(target: string): void {
  for (const { name } of partsFor(target)) removeQuietly(join(dirname(target), name))
}

/** What is kept or was left for a target, the largest first. */
function partsFor(target: string) {
  const folder = dirname(target)
  return namesIn(folder)
    .flatMap((name) => {
      const { state, origin } = readPartName(name) ?? {}
      if (state === 'used' || origin?.target !== targetKey(target)) return []
      const size = lstatSync(join(folder, name), { throwIfNoEntry: false })?.size
      return size === undefined ? [] : [{ name, origin, size }]
    })
    .sort((one, other) => other.size - one.size)
}

/** If the folder is missing or can't be read, the download itself says what is wrong, if anything is. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Another download has removed or taken it already, or this user may not.
  }
}

import { linkSync, lstatSync, renameSync, type Stats, unlinkSync } from 'node:fs'

/** What happens if the name is taken: replace the file, leave it, store beside it as NAME.new, or refuse. */
export type OnExists = 'overwrite' | 'skip' | 'rename' | 'fail'

/** Error codes of file systems that have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS']

/** Names tried before `publishNumbered` gives up. */
const MAX_NUMBER = 10_000

/** Why a new file can't have the name that `existing` has; `none` if it can. */
export function conflictWith(
  existing: Stats | undefined,
  onExists: OnExists,
): 'none' | 'folder' | 'skip' | 'taken' | 'special' {
  if (existing === undefined) return 'none'
  if (existing.isDirectory()) return 'folder'
  if (onExists === 'skip') return 'skip'
  if (onExists === 'fail') return 'taken'
  // A named pipe, a socket or a device is more than its name: whoever uses it would lose it.
  return onExists === 'overwrite' && !existing.isFile() ? 'special' : 'none'
}

/** Renames without ever replacing a file, even one that appeared just now. False if the name is taken. */
export function publishNew(from: string, to: string): boolean {
  try {
    linkSync(from, to)
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    if (code === 'EEXIST') return false
    if (!NO_LINKS.includes(code)) throw error
    // Without hard links, all that can be done is to look first.
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return false
    renameSync(from, to)
    return true
  }
  unlinkSync(from)
  return true
}

/**
 * Renames to the first of NAME, NAME.new, NAME.new.2, NAME.new.3 … that is free, never replacing a file.
 * Returns what was added to the name.
 */
export function publishNumbered(from: string, to: string): string {
  for (let number = 0; number <= MAX_NUMBER; number++) {
    const suffix = suffixOf(number)
    if (publishNew(from, to + suffix)) return suffix
  }
  const message = `EEXIST: ${MAX_NUMBER} files with this name and .new exist already`
  throw Object.assign(new Error(message), { code: 'EEXIST', syscall: 'link' })
}

function suffixOf(number: number): string {
  if (number === 0) return ''
  return number === 1 ? '.new' : `.new.${number}`
}

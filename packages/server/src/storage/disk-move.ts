import { lstatSync, mkdirSync, renameSync, rmdirSync, type Stats, unlinkSync } from 'node:fs'
import { publishNew } from '@jftp/transfer'
import { errnoOf, special } from './disk-error.js'
import type { Place } from './path-walk.js'

/** Moves `source` to `target`, whose remote path is `path`. False if that name is taken and must not be replaced. */
export function moveOnDisk(
  source: Place,
  target: Place,
  onExists: 'overwrite' | 'fail',
  path: string,
): boolean {
  const from = source.folder.child(source.name)
  const to = target.folder.child(target.name)
  const stat = lstatSync(from)
  if (onExists === 'fail') return stat.isDirectory() ? moveFolderToNewName(from, to) : publishNew(from, to)
  const existing = lstatSync(to, { throwIfNoEntry: false })
  if (existing !== undefined && isSpecial(existing)) throw special(path)
  renameSync(from, to)
  if (!isSameName(source, target)) removeLeftLink(from, stat)
  return true
}

/**
 * Node has no rename that never replaces. Making an empty folder under the new name decides who has the
 * name, also between threads and processes; rename then replaces that empty folder in one step.
 */
function moveFolderToNewName(from: string, to: string): boolean {
  try {
    mkdirSync(to)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    const isKept = !removeIfEmpty(to)
    // Somebody put something into the new folder before the rename: now the name is theirs.
    if (isKept && errnoOf(error) === 'ENOTEMPTY') return false
    throw error
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** Renaming one hard link of a file to another one does nothing, so the old name has to be removed here. */
function removeLeftLink(from: string, moved: Stats): void {
  if (moved.nlink < 2 || moved.isDirectory()) return
  const left = lstatSync(from, { throwIfNoEntry: false })
  if (left?.dev === moved.dev && left.ino === moved.ino) unlinkSync(from)
}

function isSpecial(stat: Stats): boolean {
  return !stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink()
}

function isSameName(a: Place, b: Place): boolean {
  return a.name === b.name && a.folder.key === b.folder.key
}

import { readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OnExists } from '../call-options.js'

/** Names tried for a link whose name is taken. */
const MAX_NUMBER = 10_000

let count = 0

/** Makes a link with this text at `path`. Throws the file system's errors. */
export function makeLink(path: string, target: string, onExists: OnExists = 'overwrite'): void {
  if (tryLink(path, target) || isLinkTo(path, target) || onExists === 'skip') return
  if (onExists === 'fail') throw taken(path)
  if (onExists !== 'rename') return replaceByLink(path, target)
  for (let number = 1; number <= MAX_NUMBER; number++) {
    if (tryLink(number === 1 ? `${path}.new` : `${path}.new.${number}`, target)) return
  }
  throw taken(path)
}

function replaceByLink(path: string, target: string): void {
  const staged = join(dirname(path), `.jftp-link-${process.pid}-${count++}`)
  symlinkSync(target, staged)
  try {
    renameSync(staged, path)
  } catch (error) {
    unlinkSync(staged)
    throw error
  }
}

/** False if the name is taken. */
function tryLink(path: string, target: string): boolean {
  try {
    symlinkSync(target, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isLinkTo(path: string, target: string): boolean {
  try {
    return readlinkSync(path) === target
  } catch {
    return false
  }
}

function taken(path: string): Error {
  return Object.assign(new Error(`EEXIST: the name is taken, '${path}'`), {
    code: 'EEXIST',
    syscall: 'symlink',
  })
}

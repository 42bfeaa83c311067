import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs'
import type { OnExists } from './call-options.js'
import { FtpError } from './ftp-error.js'

/**
 * Gives a finished file its name, without ever replacing what must be kept, even if it appeared just now.
 * Returns the path it got; undefined where the name was taken and may stay so. Throws `local-exists`.
 */
export function publish(temporary: string, target: string, onExists: OnExists): string | undefined {
  if (onExists === 'overwrite') {
    renameSync(temporary, target)
    return target
  }
  if (publishNew(temporary, target)) return target
  if (onExists === 'fail') throw nameTaken(target)
  if (onExists === 'skip') {
    unlinkSync(temporary)
    return undefined
  }
  renameSync(temporary, `${target}.new`)
  return `${target}.new`
}

export function nameTaken(target: string): FtpError {
  return new FtpError('local-exists', `${target}: the name is taken`, { path: target })
}

/** False where the name is taken. */
function publishNew(temporary: string, target: string): boolean {
  try {
    linkSync(temporary, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // File systems without hard links: the best left is to look first.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return false
    renameSync(temporary, target)
    return true
  }
  unlinkSync(temporary)
  return true
}

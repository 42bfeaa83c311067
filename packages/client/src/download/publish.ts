import { renameSync, unlinkSync } from 'node:fs'
import { publishNew, publishNumbered } from '@jftp/transfer'
import type { OnExists } from '../call-options.js'
import { FtpError } from '../errors/ftp-error.js'

/**
 * Gives a finished file its name, without ever replacing what must be kept, even if it appeared just now.
 * Returns the path it got; undefined if the name was taken and is to stay so. Throws `local-exists`.
 */
export function publish(temporary: string, target: string, onExists: OnExists): string | undefined {
  if (onExists === 'overwrite') {
    renameSync(temporary, target)
    return target
  }
  if (publishNew(temporary, target)) return target
  if (onExists === 'fail') throw nameTaken(target)
  if (onExists === 'rename') return target + publishNumbered(temporary, target)
  unlinkSync(temporary)
  return undefined
}

export function nameTaken(target: string): FtpError {
  return new FtpError('local-exists', `${target}: the name is taken`, { path: target })
}

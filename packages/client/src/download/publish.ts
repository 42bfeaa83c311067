import { renameSync, unlinkSync } from 'node:fs'
import { publishNew } from '@jftp/transfer'
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
  if (onExists === 'rename') return publishBeside(temporary, target)
  unlinkSync(temporary)
  return undefined
}

export function nameTaken(target: string): FtpError {
  return new FtpError('local-exists', `${target}: the name is taken`, { path: target })
}

/** Takes the first free name of NAME.new, NAME.new.2, NAME.new.3 and so on. */
function publishBeside(temporary: string, target: string): string {
  for (let number = 1; ; number++) {
    const path = number === 1 ? `${target}.new` : `${target}.new.${number}`
    if (publishNew(temporary, path)) return path
  }
}

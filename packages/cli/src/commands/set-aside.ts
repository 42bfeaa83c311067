import { randomUUID } from 'node:crypto'
import { lstatSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { FtpError } from '@jftp/client'

/** What the names of files begin with that this process is about to delete. */
const OWN = `.jftp-removed-${randomUUID()}-`

let count = 0

/** Gives a file another name in its folder, by which nobody else knows it. Returns the new path. */
export function setAside(path: string): string {
  const aside = join(dirname(path), `${OWN}${count++}`)
  renameSync(path, aside)
  return aside
}

/** Gives a file that was set aside its name again. Throws `changed` if another file has taken the name meanwhile. */
export function putBack(aside: string, path: string): void {
  // Nothing may come between the look and the new name, so both are synchronous.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    const message = `${path}: another file of this name is there now, and the one before it is ${aside}`
    throw new FtpError('changed', message, { path })
  }
  renameSync(aside, path)
}

/** Whether this process has set the file aside. A walk may come across it. */
export function isSetAside(path: string): boolean {
  return basename(path).startsWith(OWN)
}

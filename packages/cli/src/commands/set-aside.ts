import { randomUUID } from 'node:crypto'
import { renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What the names of files begin with that this process is about to delete. */
const OWN = `.jftp-removed-${randomUUID()}-`

let count = 0

/** Gives a file another name in its folder, by which nobody else knows it. Returns the new path. */
export function setAside(path: string): string {
  const aside = join(dirname(path), `${OWN}${count++}`)
  renameSync(path, aside)
  return aside
}

/** Whether this process has set the file aside. A walk may come across it. */
export function isSetAside(path: string): boolean {
  return basename(path).startsWith(OWN)
}

import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs'

/** Codes of file systems that have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS']

/** Renames without ever replacing, even what appeared just now; false where the name is taken. */
export function publishNew(from: string, to: string): boolean {
  try {
    linkSync(from, to)
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    if (code === 'EEXIST') return false
    if (!NO_LINKS.includes(code)) throw error
    // The best left is to look first.
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return false
    renameSync(from, to)
    return true
  }
  unlinkSync(from)
  return true
}

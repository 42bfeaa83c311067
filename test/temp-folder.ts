import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'

/**
 * An empty folder of the test's own; gone, with all it holds, at the end of the block. `in memory`, where
 * there is such a place, is for what is written very often.
 */
export function tempFolder(
  where: 'on disk' | 'in memory' = 'on disk',
): Disposable & { readonly path: string } {
  const parent = where === 'in memory' && existsSync(MEMORY) ? MEMORY : tmpdir()
  const path = mkdtempSync(join(realpathSync(parent), 'jftp-test-'))
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** What a client would see in the root. */
export function visible(root: string): string[] {
  return readdirSync(root)
    .filter((name) => name !== '.jftp')
    .sort()
}

/** What ftpd keeps in a root for itself: only the digests of files, if nothing is half-written. */
export function reserved(root: string): string[] {
  const folder = join(root, '.jftp')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Files half-written in a root's staging folders. */
export function staged(root: string): string[] {
  const reserved = join(root, '.jftp')
  if (!existsSync(reserved)) return []
  const folders = readdirSync(reserved).filter((name) => name.startsWith('staging-'))
  return folders.flatMap((name) => readdirSync(join(reserved, name)))
}

import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'

/**
 * An empty folder of the test's own; gone, with all it holds, at the end of the block. `in memory`, where
 * there is such a place, is for very many files.
 */
export function tempFolder(
  where: 'on disk' | 'in memory' = 'on disk',
): Disposable & { readonly path: string } {
  const parent = where === 'in memory' && existsSync(MEMORY) ? MEMORY : tmpdir()
  const path = mkdtempSync(join(realpathSync(parent), 'jftp-server-'))
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

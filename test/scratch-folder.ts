import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own with `remote` (to be served) and `local` in it; gone when disposed. */
export class ScratchFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'jftp-test-'))
  readonly remote = join(this.path, 'remote')
  readonly local = join(this.path, 'local')

  constructor() {
    mkdirSync(this.remote)
    mkdirSync(this.local)
  }

  /** All names in a folder, hidden ones too, sorted. */
  names(folder: 'remote' | 'local'): string[] {
    return readdirSync(this[folder]).sort()
  }

  /** All local names but those of downloads that were cut and can be continued. */
  get namesButKept(): string[] {
    return this.names('local').filter((name) => !name.startsWith('.jftp-kept-'))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

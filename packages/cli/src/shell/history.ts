import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasPassword } from '@jftp/client'
import { stateFolder } from '../user-folders.js'

/** The number of lines kept. */
const MAX_LINES = 1000

/**
 * The lines typed in earlier shells, in `$XDG_STATE_HOME/jftp/history`, for this user's eyes only.
 * If it can't be written, the shell goes on without it.
 */
export class History {
  readonly #path: string

  constructor(env: NodeJS.ProcessEnv) {
    this.#path = join(stateFolder(env), 'history')
  }

  /** Newest first, as readline wants it. */
  async load(): Promise<string[]> {
    let lines: string[]
    try {
      lines = (await readFile(this.#path, 'utf8')).split('\n').filter((line) => line !== '')
    } catch {
      return []
    }
    if (lines.length > 2 * MAX_LINES) await this.#shorten(lines.slice(-MAX_LINES))
    return lines.slice(-MAX_LINES).reverse()
  }

  /** Several shells may add lines at once. A line that begins with a space or holds a password is not kept. */
  async add(line: string): Promise<void> {
    if (!isWorthKeeping(line)) return
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      await appendFile(this.#path, `${line}\n`, { mode: 0o600 })
    } catch {
      // The shell goes on without it.
    }
  }

  async #shorten(lines: readonly string[]): Promise<void> {
    try {
      const next = `${this.#path}.${process.pid}`
      await writeFile(next, `${lines.join('\n')}\n`, { mode: 0o600 })
      await rename(next, this.#path)
    } catch {
      // The file stays long until a later shell can shorten it.
    }
  }
}

export function isWorthKeeping(line: string): boolean {
  return (
    line.trim() !== '' &&
    !/^\s/.test(line) &&
    !line.includes('\n') &&
    !line.split(/[\s'"]+/).some(hasPassword) &&
    // Somebody may type a password behind the name, as in other programs.
    !/(?:^|[;&|])\s*@?-?(?:user|login)\s+[^\s;&|]+\s+[^\s;&|-]/.test(line)
  )
}

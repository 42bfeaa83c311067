import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { FtpError, fromLocalError } from '@jftp/client'

/** The current local folder. */
export class LocalFolder {
  #path: string
  #previous: string | undefined

  constructor(path: string) {
    this.#path = path
  }

  get path(): string {
    return this.#path
  }

  /** A path as typed, made absolute; `~` is the home folder. */
  resolve(text: string): string {
    if (text === '~' || text.startsWith('~/')) return resolve(homedir(), text.slice(2))
    return resolve(this.#path, text)
  }

  /** Makes another folder the current one; `-` is the one before. Throws if it is none. */
  async change(text: string): Promise<void> {
    const path = text === '-' ? this.#previous : this.resolve(text)
    if (path === undefined) throw new FtpError('usage', 'there was no local folder before this one')
    if ((await kindOf(path)) !== 'folder') throw notAFolder(path)
    this.#previous = this.#path
    this.#path = path
  }
}

/** What a path names, after following links. Throws `local-not-found` and the like. */
export async function kindOf(path: string): Promise<'file' | 'folder' | 'other'> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return 'folder'
    return stats.isFile() ? 'file' : 'other'
  } catch (cause) {
    throw fromLocalError(cause, path)
  }
}

export function notAFolder(path: string): FtpError {
  return new FtpError('local-not-a-directory', 'not a folder', { path })
}

import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FtpError, fromLocalError } from '@jftp/client'
import { readTomlFile } from '../toml-file.js'
import { configFolder } from '../user-folders.js'
import { isRemoteUrl, readServerAddress } from './server-address.js'

const NAME = /^[a-z0-9][\w-]*$/i

/**
 * Short names of servers and folders, in `$XDG_CONFIG_HOME/jftp/bookmarks.toml`: one line for each, `nas = "jftp://…"`.
 * The file is read when a name is used, so all shells see the same.
 */
export class Bookmarks {
  readonly #path: string

  constructor(env: NodeJS.ProcessEnv) {
    this.#path = join(configFolder(env), 'bookmarks.toml')
  }

  /** Name and URL of all, sorted by name. Throws `usage`, with the line, if the file is wrong. */
  async all(): Promise<[name: string, url: string][]> {
    const file = await readTomlFile(this.#path)
    const rows = Object.entries(file?.table ?? {}).map(([name, url]): [string, string] => {
      if (typeof url === 'string' && NAME.test(name)) return [name, url]
      throw new FtpError(
        'usage',
        `${this.#path}:${file?.lineOf([name])}: ${name}: a bookmark is a name and a URL: nas = "jftp://host/folder"`,
      )
    })
    return rows.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** The URL of a bookmark; a text that is no bookmark's name as it is. */
  async resolve(text: string): Promise<string> {
    if (!NAME.test(text)) return text
    const found = (await this.all()).find(([name]) => name === text)
    return found?.[1] ?? text
  }

  /** Adds a bookmark, or changes it. Returns its URL. Throws `usage` if the name or the URL can't be one. */
  async add(name: string, address: string): Promise<string> {
    if (!NAME.test(name)) {
      throw new FtpError('usage', `'${name}' can't be a bookmark: a name has letters, digits, - and _ only`)
    }
    readServerAddress(address)
    const url = isRemoteUrl(address) ? address : `jftp://${address}`
    const lines = await this.#linesWithout(name)
    await this.#write([...lines, `${name} = ${JSON.stringify(url)}`])
    return url
  }

  /** Returns whether there was one of that name. */
  async remove(name: string): Promise<boolean> {
    const isKnown = (await this.all()).some(([each]) => each === name)
    if (isKnown) await this.#write(await this.#linesWithout(name))
    return isKnown
  }

  /** Comments and the other bookmarks stay as they were written. */
  async #linesWithout(name: string): Promise<string[]> {
    // A file that is wrong is not made worse.
    await this.all()
    const text = await this.#text()
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
    return lines.filter((line) => /^\s*["']?([\w-]+)["']?\s*=/.exec(line)?.[1] !== name)
  }

  /** Throws if the file can't be read, because it must not be replaced then. */
  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw fromLocalError(error, this.#path)
    }
  }

  /** Readers see the old file or the new one, and never a part. */
  async #write(lines: readonly string[]): Promise<void> {
    const next = `${this.#path}.${randomBytes(6).toString('hex')}`
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      const file = await open(next, 'wx', 0o600)
      try {
        await file.writeFile(lines.map((line) => `${line}\n`).join(''))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(next, this.#path)
    } catch (error) {
      await rm(next, { force: true }).catch(() => {})
      throw fromLocalError(error, this.#path)
    }
  }
}

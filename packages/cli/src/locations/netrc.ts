import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { FtpError, fromLocalError } from '@jftp/client'

/** A larger file was named by mistake. In bytes. */
const MAX_SIZE = 256 * 1024

/** A user of a server, and the password. */
export interface NetrcEntry {
  readonly machine: string
  readonly login: string
  readonly password: string
}

/** What the file says, and whether others may read or change it. */
interface Content {
  readonly entries: readonly NetrcEntry[]
  readonly mode: number
}

/** `$NETRC` or `~/.netrc`, which many programs read for names and passwords. */
export class Netrc {
  readonly #path: string
  #content: Promise<Content> | undefined

  constructor(env: NodeJS.ProcessEnv) {
    this.#path = env['NETRC'] || join(homedir(), '.netrc')
  }

  /**
   * The first entry for a host and, if one is named, a user. Throws `local-permission` if there is one, but others may
   * read or change the file.
   */
  async find(host: string, user: string | undefined): Promise<NetrcEntry | undefined> {
    this.#content ??= readContent(this.#path)
    const { entries, mode } = await this.#content
    const found = entries.find(
      ({ machine, login }) => machine.toLowerCase() === host.toLowerCase() && (user ?? login) === login,
    )
    if (found !== undefined && process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new FtpError(
        'local-permission',
        `others may read or change the passwords in ${this.#path} (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${this.#path}`,
        { path: this.#path },
      )
    }
    return found
  }
}

async function readContent(path: string): Promise<Content> {
  let file: FileHandle | undefined
  try {
    // A pipe of this name must not keep ftp waiting.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { mode, size } = await file.stat()
    if (size > MAX_SIZE) throw new FtpError('usage', `${path} has more than ${MAX_SIZE} bytes`)
    return { entries: parseNetrc(await file.readFile('utf8')), mode }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return { entries: [], mode: 0 }
    throw fromLocalError(error, path)
  } finally {
    await file?.close()
  }
}

/**
 * Reads `machine HOST login USER password SECRET`, on one line or several. What is unknown is left out, because the file
 * is not for ftp alone, and so is `default`, because a password is for one server.
 */
export function parseNetrc(text: string): NetrcEntry[] {
  const found: Partial<Record<string, string>>[] = []
  let entry: Partial<Record<string, string>> = {}
  const words = wordsOf(text)
  for (let word = words.next(); !word.done; word = words.next()) {
    const key = word.value
    if (key === 'machine' || key === 'default') found.push((entry = {}))
    if (KEYS.includes(key)) entry[key] = words.next().value ?? ''
  }
  return found.flatMap(({ machine, login, password }) =>
    machine === undefined || login === undefined || password === undefined
      ? []
      : [{ machine, login, password }],
  )
}

const KEYS = ['machine', 'login', 'password', 'account']

/** A comment reaches to the end of its line, and a macro to the next empty line. */
function* wordsOf(text: string): Generator<string, undefined> {
  const plain = text
    .replaceAll('\r\n', '\n')
    .replace(/^[ \t]*macdef\b[^\n]*\n(?:[^\n]+\n)*(?:\n|[^\n]*$)/gm, '')
  for (const [word] of plain.replace(/^[ \t]*#.*$/gm, '').matchAll(/"(?:[^"\\]|\\.)*"|\S+/gs)) {
    const isQuoted = word.startsWith('"') && word.endsWith('"') && word.length > 1
    yield isQuoted ? word.slice(1, -1).replace(/\\(.)/gs, '$1') : word
  }
  return undefined
}

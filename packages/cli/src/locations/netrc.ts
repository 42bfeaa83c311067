import { homedir } from 'node:os'
import { join } from 'node:path'
import { FtpError } from '@jftp/client'
import { readOptionalFile } from '../small-file.js'

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
  let mode = 0
  const content = await readOptionalFile(path, {
    check: (facts) => {
      // It is read without being asked for, so its writer must not keep ftp waiting.
      if (facts.isFIFO()) throw new FtpError('usage', `${path} is a pipe; name a file by $NETRC`)
      mode = facts.mode
    },
  })
  return { entries: parseNetrc(content?.toString() ?? ''), mode }
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

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type AuthorizedKey, ProtocolError, parseAuthorizedKey } from '@jftp/protocol'
import { formatKey } from '../accounts/users-schema.js'
import { UsageError } from '../usage-error.js'

/** Reads the public keys in files like `authorized_keys` and `id_ed25519.pub`; `-` is stdin. Throws UsageError. */
export async function readKeyFiles(files: readonly string[]): Promise<string[]> {
  const keys: string[] = []
  for (const file of files) keys.push(...parseKeyFile(file, await read(file)))
  return withoutTwins(keys)
}

/** The keys with others added that are not among them yet. */
export function addKeys(keys: readonly string[], added: readonly string[]): string[] {
  return withoutTwins([...keys, ...added])
}

/** The keys without those that have this fingerprint or comment. Throws UsageError if there is none. */
export function removeKey(keys: readonly string[], named: string): string[] {
  const kept = keys.filter((line) => {
    const { key, comment } = parseAuthorizedKey(line)
    return key.fingerprint !== named && comment !== named
  })
  if (kept.length < keys.length) return kept
  throw new UsageError(
    `--remove-key ${named}: the user has no such key; ftpd user list shows fingerprints and comments`,
  )
}

/** What is told about a key. */
export function keyFacts(line: string): { type: string; fingerprint: string; comment: string } {
  const { key, comment } = parseAuthorizedKey(line)
  return { type: key.type, fingerprint: key.fingerprint, comment }
}

function parseKeyFile(file: string, content: string): string[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(content)) {
    throw new UsageError(`${file} holds a private key, which stays with its owner; name the file ${file}.pub`)
  }
  const lines = content.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }))
  const keys = lines
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => {
      const { key, comment } = parse(file, line, number)
      return formatKey(key, comment)
    })
  if (keys.length === 0) throw new UsageError(`${file} holds no key`)
  return keys
}

function parse(file: string, line: string, number: number): AuthorizedKey {
  try {
    return parseAuthorizedKey(line)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new UsageError(`${file}, line ${number}: ${error.message}`)
  }
}

async function read(file: string): Promise<string> {
  if (file === '-') return await text(process.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`can't read the key file ${file} (${String((error as NodeJS.ErrnoException).code)})`)
  }
}

/** Of equal keys the last stays, whose comment is the newest. */
function withoutTwins(keys: readonly string[]): string[] {
  return [...new Map(keys.map((line) => [line.split(' ')[1], line])).values()]
}

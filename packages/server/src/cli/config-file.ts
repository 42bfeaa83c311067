import { readFile, stat } from 'node:fs/promises'
import type { parse } from 'smol-toml'
import { UsageError } from '../usage-error.js'

/** A configuration file is small; what is larger was named by mistake. In bytes. */
const MAX_SIZE = 256 * 1024

type Parse = typeof parse

/** What is in a configuration file, and where in it. */
export interface ConfigFile {
  readonly path: string
  readonly table: Readonly<Record<string, unknown>>
  /** The number of the line in which the value begins; `key` are the names and indices that lead to it. */
  lineOf(key: readonly (string | number)[]): number
}

/** Throws UsageError, with the line, if the file can't be read or is no TOML. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  // Most daemons have no such file.
  const { parse, TomlError } = await import('smol-toml')
  const text = await readText(path)
  try {
    return { path, table: parse(text), lineOf: (key) => lineOf(key, text, parse) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const why = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '')
    throw new UsageError(`${path}:${error.line}: this is no TOML: ${why}`)
  }
}

async function readText(path: string): Promise<string> {
  try {
    const facts = await stat(path)
    if (facts.isDirectory()) throw new UsageError(`the configuration file ${path} is a folder; name a file`)
    if (facts.size > MAX_SIZE) {
      throw new UsageError(
        `the configuration file ${path} has ${facts.size} bytes, and at most ${MAX_SIZE} are read; name another one`,
      )
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (error instanceof TypeError)
      throw new UsageError(`the configuration file ${path} is not text in UTF-8; name another one`)
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError(`the configuration file ${path} does not exist`)
    throw new UsageError(`can't read the configuration file ${path} (${code}); check its owner and mode`)
  }
}

/**
 * The parser tells no lines of values. But the beginning of the file up to the end of a value has it, and the longest
 * beginning before that which can be parsed ends where the value begins.
 */
function lineOf(key: readonly (string | number)[], text: string, parse: Parse): number {
  const lines = text.split('\n')
  let before = 0
  for (let count = 1; count <= lines.length; count++) {
    const table = tryParse(lines.slice(0, count).join('\n'), parse)
    if (table === undefined) continue
    if (has(table, key)) return before + 1
    before = count
  }
  return lines.length
}

function tryParse(text: string, parse: Parse): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function has(value: unknown, [name, ...rest]: readonly (string | number)[]): boolean {
  if (name === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
  return has((value as Record<string | number, unknown>)[name], rest)
}

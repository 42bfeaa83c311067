import type { Stats } from 'node:fs'
import { FtpError } from '@jftp/client'
import type { parse } from 'smol-toml'
import { readOptionalFile } from './small-file.js'

/** Lines up to which the exact one is looked for, because each costs the parser a run through all those before it. */
const MAX_EXACT_LINES = 500

type Parse = typeof parse

/** What is in a TOML file, and where in it. */
export interface TomlFile {
  readonly path: string
  readonly table: Readonly<Record<string, unknown>>
  /** The number of the line in which the value begins; `key` are the names that lead to it. */
  lineOf(key: readonly string[]): number
}

/** Undefined if there is no such file that this user may read. Throws `usage`, with the line, if it is no TOML or `check` refuses its owner and mode. */
export async function readTomlFile(
  path: string,
  check: (path: string, facts: Stats) => void = () => {},
): Promise<TomlFile | undefined> {
  const text = await readText(path, check)
  if (text === undefined) return undefined
  // Most people have no such file.
  const { parse, TomlError } = await import('smol-toml')
  try {
    return { path, table: parse(text), lineOf: (key) => lineOf(key, text, parse) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const why = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '')
    throw new FtpError('usage', `${path}:${error.line}: this is no TOML: ${why}`)
  }
}

async function readText(
  path: string,
  check: (path: string, facts: Stats) => void,
): Promise<string | undefined> {
  const content = await readOptionalFile(path, {
    check: (facts) => {
      if (!facts.isFile()) throw new FtpError('usage', `${path} is not a file`)
      check(path, facts)
    },
  })
  try {
    return content && new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw new FtpError('usage', `${path} is not text in UTF-8`)
  }
}

/**
 * The parser tells no lines of values. But the beginning of the file up to the end of a value has it, and the longest
 * beginning before that which can be parsed ends where the value begins. In a file with very many lines it is the first
 * one with that name.
 */
function lineOf(key: readonly string[], text: string, parse: Parse): number {
  const lines = text.split('\n')
  let before = 0
  for (let count = 1; count <= Math.min(lines.length, MAX_EXACT_LINES); count++) {
    const table = tryParse(lines.slice(0, count).join('\n'), parse)
    if (table === undefined) continue
    if (has(table, key)) return before + 1
    before = count
  }
  const name = key.at(-1) ?? ''
  const later = lines.findIndex((line, index) => index >= before && line.includes(name))
  return later === -1 ? lines.length : later + 1
}

function tryParse(text: string, parse: Parse): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function has(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false
  return has((value as Record<string, unknown>)[name], rest)
}

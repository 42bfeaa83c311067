import { FtpError } from '@jftp/client'
import { suggest } from '../text/suggestion.js'
import type { Command } from './command.js'

/** A row of the table of commands. It is enough for the overview; the command itself is loaded when it is used. */
export interface CommandRow {
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  load(): Promise<Command>
}

/** The row of a name or an alias. */
export function findRow(rows: readonly CommandRow[], name: string): CommandRow | undefined {
  return rows.find((row) => row.name === name || row.aliases.includes(name))
}

/** The row of a name or an alias. Throws a usage error with the name that was probably meant. */
export function requireRow(rows: readonly CommandRow[], name: string): CommandRow {
  const found = findRow(rows, name)
  if (found) return found
  const meant = suggest(name, namesOf(rows))
  const fix = meant === undefined ? "'help' lists them" : `did you mean '${meant}'?`
  throw new FtpError('usage', `no command '${name}'; ${fix}`)
}

/** All names and aliases. */
export function namesOf(rows: readonly CommandRow[]): string[] {
  return rows.flatMap(({ name, aliases }) => [name, ...aliases])
}

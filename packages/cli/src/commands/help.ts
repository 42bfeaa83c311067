import type { Output } from '../output/output.js'
import { type Command, defineCommand, type Flag } from './command.js'
import { usageOf } from './command-parser.js'
import { type CommandRow, requireRow } from './command-row.js'

/** The command `help`. The table passes its rows in, because the table itself loads this file. */
export function helpFor(rows: readonly CommandRow[]): Command {
  return defineCommand({
    dryRun: 'runs',
    arguments: [{ name: 'COMMAND', takes: 'maybe', kinds: [['command']] }],
    flags: {},
    async run({ output }, [name]) {
      const lines =
        name === undefined ? [...overview(rows), '', ...KEYS] : await explain(requireRow(rows, name))
      await printHelp(output, lines)
    },
  })
}

const KEYS = [
  "  'help COMMAND' explains one. In the shell Tab completes, Ctrl-R finds an earlier line that holds",
  '  what was typed, Ctrl-C stops a command and Ctrl-D leaves.',
]

export async function printHelp(output: Output, lines: readonly string[]): Promise<void> {
  await output.answer(lines)
  await output.event({ v: 1, event: 'help', text: lines.join('\n') })
}

/** All commands, one on each line. */
export function overview(rows: readonly CommandRow[]): string[] {
  const names = rows.map(({ name, aliases }) => [name, ...aliases].join(', '))
  const width = Math.max(...names.map((name) => name.length))
  return rows.map(({ summary }, index) => `  ${(names[index] ?? '').padEnd(width)}  ${summary}`)
}

/** The help of one command. */
export async function explain(row: CommandRow): Promise<string[]> {
  const command = await row.load()
  const aliases = row.aliases.length === 0 ? [] : [`also called ${row.aliases.join(', ')}`]
  const flags = describeFlags(Object.values(command.flags))
  return [
    `${usageOf(row.name, command)}`,
    `  ${[row.summary, ...aliases].join('; ')}`,
    ...(flags.length > 0 ? ['', ...flags] : []),
    ...notesOf(command),
  ]
}

/** Flags with their help, one on each line, aligned. */
export function describeFlags(all: readonly Flag[]): string[] {
  const flags = all.filter(({ isHidden }) => !isHidden)
  const spellings = flags.map(({ spelling, value }) => {
    const aligned = spelling.startsWith('--') ? `    ${spelling}` : spelling
    return value === undefined ? aligned : `${aligned} ${value}`
  })
  const width = Math.max(0, ...spellings.map((spelling) => spelling.length))
  return flags.map(({ help: text }, index) => `  ${(spellings[index] ?? '').padEnd(width)}  ${text}`)
}

function notesOf({ notes = [] }: Command): string[] {
  return notes.length === 0 ? [] : ['', ...notes.map((note) => `  ${note}`)]
}

import type { Command, Flag } from './command.js'
import { defineCommand } from './command.js'
import { usageOf } from './command-parser.js'
import { COMMANDS, type CommandRow, requireCommand } from './table.js'

export const help = defineCommand({
  arguments: [{ name: 'COMMAND', takes: 'maybe', names: [['command']] }],
  flags: {},
  async run({ output }, [name]) {
    for (const line of name === undefined ? overview() : await explain(requireCommand(name))) {
      await output.answer(line)
    }
  },
})

/** All commands, a line each. */
export function overview(): string[] {
  const names = COMMANDS.map(({ name, aliases }) => [name, ...aliases].join(', '))
  const width = Math.max(...names.map((name) => name.length))
  return COMMANDS.map(({ summary }, index) => `  ${(names[index] ?? '').padEnd(width)}  ${summary}`)
}

/** What there is to know about one command. */
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

/** Flags, a line each, aligned. */
export function describeFlags(flags: readonly Flag[]): string[] {
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

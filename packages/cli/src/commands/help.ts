import type { Output } from '../output/output.js'
import { besideEachOther, indented, wrapped } from '../text/wrapped-lines.js'
import { type Command, defineCommand, type Flag } from './command.js'
import { usageOf } from './command-parser.js'
import { type CommandRow, requireRow } from './command-row.js'
import { noteBlocks } from './note-blocks.js'

/** The command `help`. The table passes its rows in, because the table itself loads this file. */
export function helpFor(rows: readonly CommandRow[]): Command {
  return defineCommand({
    dryRun: 'runs',
    arguments: [{ name: 'COMMAND', takes: 'maybe', kinds: [['command']] }],
    flags: {},
    async run({ output }, [name]) {
      const width = helpWidth(output)
      const lines =
        name === undefined
          ? [...overview(rows, width), '', ...indented(wrapped(KEYS, width - 2))]
          : await explain(requireRow(rows, name), width)
      await printHelp(output, lines)
    },
  })
}

const KEYS =
  "'help COMMAND' explains one. In the shell Tab completes, Ctrl-R searches the lines that were typed before, Ctrl-C stops a command and Ctrl-D leaves."

/** Longer lines are hard to read, and shorter ones leave no room beside the flags. */
const WIDTHS = { least: 60, most: 100, ofNoTerminal: 80 }

/** How many columns help may take. */
export function helpWidth({ stdout }: Output): number {
  return Math.max(WIDTHS.least, Math.min(stdout.columns || WIDTHS.ofNoTerminal, WIDTHS.most))
}

export async function printHelp(output: Output, lines: readonly string[]): Promise<void> {
  await output.answer(lines)
  await output.event({ v: 1, event: 'help', text: lines.join('\n') })
}

/** All commands, one on each line. */
export function overview(rows: readonly CommandRow[], width: number): string[] {
  const summaries = rows.map(
    ({ name, aliases, summary }) => [[name, ...aliases].join(', '), summary] as const,
  )
  return indented(besideEachOther(summaries, width - 2))
}

/** The help of one command, in lines of at most `width` columns. */
export async function explain(row: CommandRow, width: number): Promise<string[]> {
  const command = await row.load()
  const aliases = row.aliases.length === 0 ? [] : [`also called ${row.aliases.join(', ')}`]
  const flags = describeFlags(Object.values(command.flags), width)
  const notes = noteBlocks(command.notes).flatMap((block) =>
    block.type === 'lines' ? indented(block.lines) : wrapped(block.text, width - 2),
  )
  return [
    `${usageOf(row.name, command)}`,
    ...indented(wrapped([row.summary, ...aliases].join('; '), width - 2)),
    ...(flags.length > 0 ? ['', ...flags] : []),
    ...(notes.length > 0 ? ['', ...indented(notes)] : []),
  ]
}

/** Flags with their help beside them. */
export function describeFlags(all: readonly Flag[], width: number): string[] {
  const flags = all.filter(({ isHidden }) => !isHidden)
  const rows = flags.map(({ spelling, value, help: text }) => {
    const aligned = spelling.startsWith('--') ? `    ${spelling}` : spelling
    return [value === undefined ? aligned : `${aligned} ${value}`, text] as const
  })
  return indented(besideEachOther(rows, width - 2))
}

import { printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { formatColumns, formatLong, type ListedEntry, nameCell } from '../output/listing.js'
import { defineCommand, type FlagValues } from './command.js'
import type { Context } from './context.js'
import {
  collect,
  type ListedPath,
  readListedPath,
  readTree,
  type Selection,
  walk,
  walkTree,
} from './remote-listing.js'

export const lsFlags = {
  one: { spelling: '-1, --one', help: 'print one name on each line, even on a terminal' },
  all: { spelling: '-a, --all', help: 'also list names that begin with a dot' },
  long: { spelling: '-l, --long', help: 'also print mode, size and time' },
  human: { spelling: '-h, --human', help: 'print sizes in KiB, MiB or GiB' },
  time: { spelling: '-t, --time', help: 'sort by time, newest first' },
  size: { spelling: '-S, --size', help: 'sort by size, largest first' },
  reverse: { spelling: '-r, --reverse', help: 'reverse the order' },
} as const

const remoteFlags = {
  ...lsFlags,
  recursive: { spelling: '-R, --recursive', help: 'also list the folders below, each under its name' },
} as const

type LsFlags = FlagValues<typeof lsFlags>

export const ls = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'PATH', takes: 'any', kinds: [['remote']] }],
  flags: remoteFlags,
  notes: [
    "With --json the order is the folder's own, unless -t, -S or -r asks for another.",
    "-R keeps all names in memory until they are printed; 'find' prints a tree of any size.",
  ],
  async run(context, given, flags) {
    const paths = given.length > 0 ? given : ['.']
    const failures: unknown[] = []
    const listings: ListedPath[] = []
    for (const path of paths) {
      try {
        if (context.settings.format === 'json') await listAsJson(context, path, flags, failures)
        else if (flags.recursive)
          listings.push(...(await readTree(context, path, selectionOf(flags), failures)))
        else listings.push(await readListedPath(context, path, selectionOf(flags)))
      } catch (error) {
        if (context.signal.aborted) throw error
        failures.push(error)
      }
    }
    await printListings(context, listings, flags, flags.recursive || paths.length > 1 ? 'named' : 'nameless')
    throwFailures(failures)
  },
})

/** Prints entries as they come, so that a folder of a million names needs no memory here. */
async function listAsJson(
  context: Context,
  path: string,
  given: FlagValues<typeof remoteFlags>,
  failures: unknown[],
): Promise<void> {
  const isSorted = given.time || given.size || given.reverse
  const found = given.recursive
    ? walkTree(context, path, selectionOf(given), failures)
    : walk(context, path, selectionOf(given))
  const entries = isSorted ? sort(await collect(found), given) : found
  for await (const entry of entries) await context.output.event({ v: 1, event: 'entry', ...entry })
}

function selectionOf({ all }: LsFlags): Selection {
  return all ? 'all' : 'visible'
}

/** Prints the files as one list, then each folder, with its name above it if there may be several. */
async function printListings(
  { output }: Context,
  listings: readonly ListedPath[],
  flags: LsFlags,
  folders: 'named' | 'nameless',
): Promise<void> {
  const files = listings.filter((listing) => listing.type === 'file').flatMap(({ entries }) => entries)
  await output.answer(formatEntries(sort(files, flags), flags, output))
  let separator = files.length > 0 ? [''] : []
  for (const { path, entries } of listings.filter((listing) => listing.type === 'folder')) {
    if (folders === 'named') await output.answer([...separator, `${printable(path)}:`])
    await output.answer(formatEntries(sort(entries, flags), flags, output))
    separator = ['']
  }
}

/** The lines that show a remote or a local folder. */
export function formatEntries(
  entries: readonly ListedEntry[],
  given: LsFlags,
  output: Context['output'],
): string[] {
  if (given.long) return formatLong(entries, given.human ? 'units' : 'bytes', output)
  const cells = entries.map((entry) => nameCell(entry, output))
  if (given.one || !output.answersToTerminal) return cells.map((cell) => cell.text)
  return formatColumns(cells, output.stdout.columns || 80)
}

export function sort<E extends ListedEntry>(entries: E[], { time, size, reverse }: LsFlags): E[] {
  const byName = (a: E, b: E) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  entries.sort((a, b) => (time ? b.mtime - a.mtime : size ? b.size - a.size : 0) || byName(a, b))
  return reverse ? entries.reverse() : entries
}

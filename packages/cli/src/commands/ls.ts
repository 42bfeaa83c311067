import type { RemoteEntry } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { formatColumns, formatLong, type ListedEntry, nameCell } from '../output/listing.js'
import { isRemoteUrl } from '../places/server-address.js'
import { defineCommand, type FlagValues } from './command.js'
import type { Context } from './context.js'

export const lsFlags = {
  one: { spelling: '-1, --one', help: 'print one name on each line, even on a terminal' },
  all: { spelling: '-a, --all', help: 'also list names that begin with a dot' },
  long: { spelling: '-l, --long', help: 'also print mode, size and time' },
  human: { spelling: '-h, --human', help: 'print sizes in KiB, MiB or GiB' },
  time: { spelling: '-t, --time', help: 'sort by time, newest first' },
  size: { spelling: '-S, --size', help: 'sort by size, largest first' },
  reverse: { spelling: '-r, --reverse', help: 'reverse the order' },
} as const

type LsFlags = FlagValues<typeof lsFlags>

export const ls = defineCommand({
  arguments: [{ name: 'PATH', takes: 'any', kinds: [['remote']] }],
  flags: lsFlags,
  notes: ["With --json the order is the folder's own, unless -t, -S or -r asks for another."],
  async run(context, given, flags) {
    const paths = given.length > 0 ? given : ['.']
    const failures: unknown[] = []
    const listings: Listing[] = []
    for (const path of paths) {
      try {
        if (context.settings.format === 'json') await listAsJson(context, path, flags)
        else listings.push(await readListing(context, path, flags))
      } catch (error) {
        if (context.signal.aborted) throw error
        failures.push(error)
      }
    }
    await printListings(context, listings, flags, paths)
    throwFailures(failures)
  },
})

/** What one argument of ls names. */
interface Listing {
  readonly path: string
  readonly of: 'file' | 'folder'
  readonly entries: ListedEntry[]
}

/** Prints entries as they come, so that a folder of a million names needs no memory here. */
async function listAsJson(context: Context, path: string, given: LsFlags): Promise<void> {
  const isSorted = given.time || given.size || given.reverse
  const entries = isSorted ? sort(await collect(context, path, given), given) : walk(context, path, given)
  for await (const entry of entries) await context.output.event({ v: 1, event: 'entry', ...entry })
}

async function readListing(context: Context, path: string, flags: LsFlags): Promise<Listing> {
  const entries = await collect(context, path, flags)
  const [first] = entries
  // A file is listed as itself, a folder as what is in it.
  if (first?.path !== (await context.remote.resolve(path, context.signal)).path) {
    return { path, of: 'folder', entries }
  }
  return { path, of: 'file', entries: [{ ...first, name: isRemoteUrl(path) ? first.path : path }] }
}

/** Prints the files as one list, then each folder. If there are several arguments, a folder's name is above it. */
async function printListings(
  { output }: Context,
  listings: readonly Listing[],
  flags: LsFlags,
  paths: readonly string[],
): Promise<void> {
  const files = listings.filter((listing) => listing.of === 'file').flatMap(({ entries }) => entries)
  await output.answer(formatEntries(sort(files, flags), flags, output))
  let separator = files.length > 0 ? [''] : []
  for (const { path, entries } of listings.filter((listing) => listing.of === 'folder')) {
    if (paths.length > 1) await output.answer([...separator, `${printable(path)}:`])
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

async function collect(context: Context, path: string, given: LsFlags): Promise<RemoteEntry[]> {
  const entries: RemoteEntry[] = []
  for await (const entry of walk(context, path, given)) entries.push(entry)
  return entries
}

async function* walk(
  { remote, signal }: Context,
  path: string,
  { all }: LsFlags,
): AsyncGenerator<RemoteEntry> {
  const place = await remote.resolve(path, signal)
  for await (const entry of place.client.list(place.path, { signal })) {
    if (all || !entry.name.startsWith('.') || entry.path === place.path) yield entry
  }
}

import { FtpError, type SyncOptions } from '@jftp/client'
import type { Settings } from '../settings/settings.js'
import { type Command, defineCommand, type FlagValues } from './command.js'
import { filterFlags, filterNotes, readFilters } from './filter-flags.js'
import { limitHeapGrowth } from './heap-growth.js'
import { readPointInTime } from './point-in-time.js'
import { SyncReport } from './sync-report.js'
import { readTrees, treeArguments, treeNotes } from './tree-arguments.js'

const flags = {
  delete: { spelling: '--delete', help: 'delete what only DST has, last and only if nothing has failed' },
  maxDelete: {
    spelling: '--max-delete',
    value: 'N',
    help: 'delete nothing if it would be more than N names',
  },
  checksum: { spelling: '--checksum', help: 'compare files of the same size by digest and not by time' },
  sizeOnly: { spelling: '--size-only', help: 'take files of the same size for equal' },
  newerThan: {
    spelling: '--newer-than',
    value: 'TIME',
    help: 'send only files changed since: 7d, 12h, 30m, 2026-01-31, 2026-01-31T14:30',
  },
  ...filterFlags,
} as const

export const sync: Command = defineCommand({
  dryRun: 'plans',
  arguments: treeArguments,
  flags,
  continuedBy: 'the same sync',
  notes: [
    ...treeNotes,
    '  sync photos jftp://nas/photos            makes the remote folder like it',
    '  sync jftp://nas/photos photos --delete   deletes what is only here',
    'Files of the same size and time are taken for equal. Every copy gets the time of its original.',
    ...filterNotes,
  ],
  async run(context, args, given) {
    const options = await readOptions(context, given)
    await limitHeapGrowth()
    const { client, roots } = await readTrees(context, args)
    const report = new SyncReport(context, roots, options.mode)
    try {
      await client.sync(roots, { ...options, ...report.listeners })
    } catch (error) {
      report.stopped(error)
    }
    report.end()
  },
})

async function readOptions(
  context: Parameters<Command['run']>[0],
  given: FlagValues<typeof flags>,
): Promise<SyncOptions & { readonly mode: 'run' | 'plan' }> {
  const { settings, signal } = context
  if (given.checksum && given.sizeOnly) {
    throw new FtpError(
      'usage',
      '--checksum reads files of the same size and --size-only does not; use one of them',
    )
  }
  if (given.maxDelete !== undefined && !given.delete) {
    throw new FtpError('usage', '--max-delete limits --delete; use both, or none')
  }
  return {
    signal,
    digest: settings.digest,
    connections: settings.connections,
    onExists: onExistsOf(settings, given),
    comparison: given.checksum ? 'digest' : given.sizeOnly ? 'size' : 'size-and-time',
    filters: await readFilters(context, given),
    newerThan: given.newerThan === undefined ? undefined : readPointInTime('--newer-than', given.newerThan),
    delete: given.delete ? 'extra' : undefined,
    maxDelete: given.maxDelete === undefined ? undefined : readCount('--max-delete', given.maxDelete),
    mode: settings.isDryRun ? 'plan' : 'run',
  }
}

function onExistsOf({ onExists }: Settings, given: FlagValues<typeof flags>): SyncOptions['onExists'] {
  if (onExists !== 'rename' || !given.delete) return onExists
  const why = 'the next run would delete what --on-exists rename stores'
  throw new FtpError('usage', `${why}; use one of --delete and --on-exists rename`)
}

function readCount(flag: string, text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count
  throw new FtpError('usage', `${flag} is a whole number, not '${text}'`)
}

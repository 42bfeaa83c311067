import { join } from 'node:path'
import { FtpError, type TreeComparison } from '@jftp/client'
import { joinRemotePath, printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { formatCount } from '../text/quantity.js'
import { type Command, defineCommand } from './command.js'
import { filterFlags, filterNotes, readFilters } from './filter-flags.js'
import { readTrees, treeArguments, treeNotes } from './tree-arguments.js'

const LABELS = { differs: 'differs', 'only-here': 'only here', 'only-there': 'only there' } as const

export const diff: Command = defineCommand({
  dryRun: 'runs',
  arguments: treeArguments,
  flags: filterFlags,
  notes: [
    ...treeNotes,
    'Nothing is changed. The exit code is 10 if anything differs. `here` is this machine.',
    '  diff photos jftp://nas/photos   compares what is in both folders',
    ...filterNotes,
  ],
  async run(context, args, flags) {
    const { output, settings, signal } = context
    const filters = await readFilters(context, flags)
    const { client, roots } = await readTrees(context, args)
    const counts = { same: 0, differs: 0, 'only-here': 0, 'only-there': 0, failed: 0 }
    const failures: unknown[] = []
    for await (const found of client.diff(roots, { filters, digest: settings.digest, signal })) {
      counts[found.type]++
      if (found.type === 'failed') failures.push(found.error)
      else if (found.type !== 'same') {
        const { type, path, kind } = found
        await output.answer(
          `${`${LABELS[type]}:`.padEnd(11)} ${printable(path)}${kind === 'folder' ? '/' : ''}`,
        )
        const event = { v: 1, event: 'difference', type, kind } as const
        const remote = path.split('/').reduce(joinRemotePath, roots.remote)
        await output.event({ ...event, path: remote, local: join(roots.local, path) })
      }
    }
    const summary = summarize(counts)
    if (counts.differs + counts['only-here'] + counts['only-there'] > 0) {
      failures.unshift(new FtpError('different', summary))
    } else {
      output.note(summary)
    }
    throwFailures(failures)
  },
})

function summarize(counts: Record<TreeComparison['type'], number>): string {
  const told = [
    [counts.same, 'equal'],
    [counts.differs, counts.differs === 1 ? 'differs' : 'differ'],
    [counts['only-here'], 'only here'],
    [counts['only-there'], 'only there'],
    [counts.failed, 'not compared'],
  ] as const
  const total = told.reduce((sum, [count]) => sum + count, 0)
  const parts = told.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return [formatCount(total, 'name'), ...(parts.length > 0 ? [parts.join(', ')] : [])].join(': ')
}

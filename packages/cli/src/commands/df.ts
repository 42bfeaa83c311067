import type { Space } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { formatBytes } from '../text/quantity.js'
import { defineCommand } from './command.js'

const HEAD = ['Size', 'Used', 'Available', 'Use%', 'Path']

export const df = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'PATH', takes: 'any', kinds: [['remote']] }],
  flags: { human: { spelling: '-h, --human', help: 'print sizes in KiB, MiB or GiB' } },
  notes: ['Prints how much room there is on the disk that PATH is on, in KiB as df does.'],
  async run({ remote, output, signal }, given, { human }) {
    const show = (bytes: number) => (human ? formatBytes(bytes) : String(Math.ceil(bytes / 1024)))
    const rows: string[][] = []
    const failures: unknown[] = []
    for (const each of given.length > 0 ? given : ['.']) {
      try {
        const { client, path } = await remote.resolve(each, signal)
        const space = await client.df(path, { signal })
        await output.event({ v: 1, event: 'space', path, ...space })
        const { total, free, available } = space
        rows.push([show(total), show(total - free), show(available), shareUsed(space), printable(path)])
      } catch (error) {
        if (signal.aborted) throw error
        failures.push(error)
      }
    }
    if (rows.length > 0) await output.answer(alignRight([HEAD, ...rows]))
    throwFailures(failures)
  },
})

/** What is kept for the owner of the disk does not count. */
function shareUsed({ total, free, available }: Space): string {
  const used = total - free
  return used + available === 0 ? '-' : `${Math.ceil((100 * used) / (used + available))}%`
}

/** All columns but the last are numbers. */
function alignRight(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === HEAD.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}

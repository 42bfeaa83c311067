import { type FolderUsage, FtpError, type UsageOptions } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { formatBytes } from '../text/quantity.js'
import { defineCommand, type FlagValues } from './command.js'
import type { Context } from './context.js'

const duFlags = {
  summarize: { spelling: '-s, --summarize', help: 'print only the total of each PATH' },
  depth: { spelling: '-d, --depth', value: 'N', help: 'print folders at most N names below PATH' },
  bytes: {
    spelling: '-b, --bytes',
    help: 'print the bytes in the files, and not what they take on the disk',
  },
  human: { spelling: '-h, --human', help: 'print sizes in KiB, MiB or GiB' },
} as const

type DuFlags = FlagValues<typeof duFlags>

export const du = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'PATH', takes: 'any', kinds: [['remote']] }],
  flags: duFlags,
  notes: [
    'Prints what each folder takes on the disk with all that is in it, in KiB as du does. Links are not followed.',
  ],
  async run(context, given, flags) {
    const options = { depth: depthOf(flags), signal: context.signal }
    const failures: unknown[] = []
    for (const path of given.length > 0 ? given : ['.']) {
      try {
        await printUsage(context, path, options, flags, failures)
      } catch (error) {
        if (context.signal.aborted) throw error
        failures.push(error)
      }
    }
    throwFailures(failures)
  },
})

async function printUsage(
  { remote, output, signal }: Context,
  given: string,
  options: UsageOptions,
  flags: DuFlags,
  failures: unknown[],
): Promise<void> {
  const { client, path } = await remote.resolve(given, signal)
  for await (const folder of client.du(path, options)) {
    if (folder.type === 'unreadable') {
      failures.push(folder.error)
      continue
    }
    const { type: _type, ...facts } = folder
    await output.event({ v: 1, event: 'usage', ...facts })
    await output.answer(`${sizeOf(folder, flags)}\t${printable(folder.path)}`)
  }
}

function sizeOf(
  { size, allocated }: Extract<FolderUsage, { type: 'total' }>,
  { bytes, human }: DuFlags,
): string {
  const shown = bytes ? size : allocated
  if (human) return formatBytes(shown)
  return String(bytes ? shown : Math.ceil(shown / 1024))
}

function depthOf({ summarize, depth }: DuFlags): number | undefined {
  if (depth === undefined) return summarize ? 0 : undefined
  if (summarize) throw new FtpError('usage', '-s is the same as -d 0; give one of them')
  if (/^\d{1,9}$/.test(depth)) return Number(depth)
  throw new FtpError('usage', `--depth is a number such as 2, not '${depth}'`)
}

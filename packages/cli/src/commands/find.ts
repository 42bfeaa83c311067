import { type FindOptions, FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { defineCommand, type FlagValues } from './command.js'
import type { Context } from './context.js'

const findFlags = {
  name: {
    spelling: '--name',
    value: 'GLOB',
    help: 'only what has a name like this: *, ? and [a-z]; quote it',
  },
  type: {
    spelling: '--type',
    value: 'f|d|l',
    choices: ['f', 'd', 'l'],
    help: 'only files, folders or links',
  },
  depth: { spelling: '-d, --depth', value: 'N', help: 'at most N names below PATH' },
} as const

const TYPES = { f: 'file', d: 'directory', l: 'link' } as const

export const find = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'PATH', takes: 'any', kinds: [['remote']] }],
  flags: findFlags,
  notes: ['Prints one path on each line, a folder before what is in it. Links are not followed.'],
  async run(context, given, flags) {
    const options = { ...readFlags(flags), signal: context.signal }
    const failures: unknown[] = []
    for (const path of given.length > 0 ? given : ['.']) {
      try {
        await printFound(context, path, options, failures)
      } catch (error) {
        if (context.signal.aborted) throw error
        failures.push(error)
      }
    }
    throwFailures(failures)
  },
})

/** Prints entries as they come, so that a tree of a million names needs no memory here. */
async function printFound(
  { remote, output, signal }: Context,
  path: string,
  options: FindOptions,
  failures: unknown[],
): Promise<void> {
  const location = await remote.resolve(path, signal)
  for await (const entry of location.client.find(location.path, options)) {
    if (entry.type === 'unreadable') {
      failures.push(entry.error)
      continue
    }
    await output.event({ v: 1, event: 'entry', ...entry })
    await output.answer(printable(entry.path))
  }
}

function readFlags({ name, type, depth }: FlagValues<typeof findFlags>): FindOptions {
  if (name === '') throw new FtpError('usage', '--name is a pattern such as *.ts, not empty')
  if (type !== undefined && !Object.hasOwn(TYPES, type)) {
    throw new FtpError('usage', `--type is f (file), d (folder) or l (link), not '${type}'`)
  }
  if (depth !== undefined && !/^\d{1,9}$/.test(depth)) {
    throw new FtpError('usage', `--depth is a number such as 2, not '${depth}'`)
  }
  return {
    name,
    type: type === undefined ? undefined : TYPES[type as keyof typeof TYPES],
    depth: depth === undefined ? undefined : Number(depth),
  }
}

import { type FilterRule, FtpError } from '@jftp/client'
import { readSmallFile } from '../small-file.js'
import type { FlagValues } from './command.js'
import type { Context } from './context.js'

/** The flags that say which names sync and diff are about. */
export const filterFlags = {
  include: {
    spelling: '--include',
    value: 'PATTERN',
    repeats: 'in-order',
    help: 'keep what matches, although a later rule excludes it',
  },
  exclude: {
    spelling: '--exclude',
    value: 'PATTERN',
    repeats: 'in-order',
    help: 'leave out what matches, on both sides',
  },
  excludeFrom: {
    spelling: '--exclude-from',
    value: 'FILE',
    kind: 'local',
    repeats: 'in-order',
    help: 'read rules from a file, one on each line: PATTERN, - PATTERN or + PATTERN',
  },
} as const

export const filterNotes = [
  'Rules are tried in the order in which they are given. The first one that matches a name, or a',
  'folder that it is in, decides; what no rule matches is kept. What is excluded is never deleted.',
  '  *.tmp       names in any folder     /build      only at the top',
  '  doc/*.txt   a path from the top     cache/      folders only',
  '  **/old/*    in any folder `old`     a\\*b        a backslash makes * literal',
]

/** The rules in the order in which they were given. */
export async function readFilters(
  { local, signal }: Pick<Context, 'local' | 'signal'>,
  { include = [], exclude = [], excludeFrom = [] }: FlagValues<typeof filterFlags>,
): Promise<FilterRule[]> {
  const given = [
    ...include.map(({ position, text }) => ({
      position,
      rules: [{ type: 'include', pattern: text } as const],
    })),
    ...exclude.map(({ position, text }) => ({
      position,
      rules: [{ type: 'exclude', pattern: text } as const],
    })),
  ] as { position: number; rules: FilterRule[] }[]
  for (const { position, text } of excludeFrom)
    given.push({ position, rules: await readRules(local.resolve(text), signal) })
  return given.sort((a, b) => a.position - b.position).flatMap(({ rules }) => rules)
}

/** Empty lines, and lines that begin with `#`, are skipped. */
async function readRules(path: string, signal: AbortSignal): Promise<FilterRule[]> {
  const content = await readSmallFile(path, { signal })
  const rules: FilterRule[] = []
  for (const [index, line] of content.toString().split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    if (line.startsWith('!')) {
      const fix = 'a rule that includes is written + PATTERN, before the rule that excludes'
      throw new FtpError('usage', `${path}, line ${index + 1}: ${fix}`, { path })
    }
    const [, sign, pattern] = /^([+-]) (.*)$/.exec(line) ?? []
    rules.push({ type: sign === '+' ? 'include' : 'exclude', pattern: pattern ?? line })
  }
  return rules
}

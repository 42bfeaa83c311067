import { FtpError, MAX_SEGMENTS, type OnExists } from '@jftp/client'
import type { Settings } from '../settings/settings.js'
import type { FlagValues } from './command.js'
import type { Context } from './context.js'
import { removeSourceFlag } from './source-removal.js'

/** The flags of get and put; `side` is where the files go. */
export function transferFlags(side: 'local' | 'remote') {
  return {
    output: {
      spelling: '-o, --output',
      value: 'FILE',
      kind: side,
      help: 'the name to give it, for one file',
    },
    outputFolder: {
      spelling: '-O, --output-folder',
      value: 'DIR',
      kind: `${side}-folder`,
      help: 'the folder to put the files in',
    },
    recursive: {
      spelling: '-r, --recursive',
      help: 'take folders with all that is in them',
    },
    continue: {
      spelling: '-c, --continue',
      help: 'go on where an earlier transfer was cut; leave a file that is equal (--on-exists resume)',
    },
    segments: {
      spelling: '--segments',
      value: 'N',
      help: 'fetch a file of 8 MiB or more over N connections at once',
    },
    preserve: {
      spelling: '-p, --preserve',
      help: "give the copy the original's modification time and exact permission bits",
    },
    removeSource: removeSourceFlag,
  } as const
}

export type TransferFlags = FlagValues<ReturnType<typeof transferFlags>>

/** How many connections share one file. */
export function segmentsOf({ segments, continue: continues, recursive }: TransferFlags): number | undefined {
  if (segments === undefined) return undefined
  const other = continues ? '-c' : recursive ? '-r' : undefined
  if (other !== undefined) throw new FtpError('usage', `--segments and ${other} can't be used together`)
  const number = /^\d{1,2}$/.test(segments) ? Number(segments) : 0
  if (number >= 1 && number <= MAX_SEGMENTS) return number
  throw new FtpError('usage', `--segments must be a number from 1 to ${MAX_SEGMENTS}, not '${segments}'`)
}

/** What to do if a name is taken, by the flags of the command and the global ones. */
export function onExistsOf({ onExists }: Settings, flags: TransferFlags): OnExists | undefined {
  if (!flags.continue || onExists === 'resume') return onExists
  if (onExists === undefined || onExists === 'overwrite') return 'resume'
  throw new FtpError('usage', `-c stands for --on-exists resume and can't be used with ${onExists}`)
}

/** Why -n refuses to plan a whole tree. */
export function noTreePlan(command: 'get' | 'put'): FtpError {
  return new FtpError(
    'usage',
    `${command} -r has no plan; 'sync -n' says what would be done to a whole folder`,
  )
}

/** Where the files of one get or put go. */
export type Target =
  /** Each under its own name, in the current folder. */
  | { readonly type: 'own-name' }
  /** As written: a file, or a folder if there is one of that name. */
  | { readonly type: 'path'; readonly path: string }
  /** Each under its own name, in this folder. */
  | { readonly type: 'folder'; readonly path: string }

export interface TransferArguments {
  readonly sources: readonly string[]
  readonly target: Target
}

/**
 * Tells sources from the target. All arguments are sources unless -o or -O names a target, or `isTarget` says
 * that the last one is. What a pattern was expanded to is never a target: a file that happens to be the last
 * match must not be replaced by the first.
 */
export async function readTransferArguments(
  context: Pick<Context, 'isLastExpanded'>,
  args: readonly string[],
  flags: TransferFlags,
  isTarget: (last: string, first: string) => boolean | Promise<boolean>,
): Promise<TransferArguments> {
  const { output, outputFolder } = flags
  if (output !== undefined && outputFolder !== undefined) {
    throw new FtpError('usage', '-o names a file and -O a folder; use one of them')
  }
  if (outputFolder !== undefined) return { sources: args, target: { type: 'folder', path: outputFolder } }
  if (output !== undefined) {
    if (args.length === 1) return { sources: args, target: { type: 'path', path: output } }
    throw new FtpError('usage', `-o names one file and there are ${args.length}; use -O for a folder`)
  }
  const [first = ''] = args
  const path = args.at(-1) ?? ''
  const mayBeTarget = args.length > 1 && !context.isLastExpanded
  if (!mayBeTarget || !(await isTarget(path, first))) return { sources: args, target: { type: 'own-name' } }
  const sources = args.slice(0, -1)
  return { sources, target: { type: sources.length === 1 ? 'path' : 'folder', path } }
}

/**
 * Throws `usage` if two files would get the same name in the target folder, where the second would replace the first.
 * `paths` are absolute; one that is named twice is only moved twice.
 */
export function requireDistinctNames(
  paths: readonly string[],
  onExists: OnExists | undefined,
  nameOf: (path: string) => string,
): void {
  // Then both are kept.
  if (onExists === 'rename') return
  const byName = new Map<string, string>()
  for (const path of paths) {
    const name = nameOf(path)
    const other = byName.get(name) ?? path
    if (other !== path) {
      const fix = 'move them into different folders, or use --on-exists rename'
      throw new FtpError('usage', `${other} and ${path} would both be stored as ${name}; ${fix}`)
    }
    byName.set(name, path)
  }
}

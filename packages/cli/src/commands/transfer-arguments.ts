import { FtpError } from '@jftp/client'
import type { FlagValues } from './command.js'
import type { Context } from './context.js'

export const transferFlags = {
  output: { spelling: '-o, --output', value: 'FILE', help: 'the name to give it, for one file' },
  outputFolder: { spelling: '-O, --output-folder', value: 'DIR', help: 'the folder to put the files in' },
  preserve: { spelling: '-p, --preserve', help: 'keep modification time and permission bits' },
} as const

export type TransferFlags = FlagValues<typeof transferFlags>

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
 * Tells sources from the target: of two arguments the second is the target; of more the last is, if
 * `isTarget` says so. `-o` and `-O` leave no doubt, `mget` and `mput` know of sources only, and what a
 * glob was expanded to is never a target.
 */
export async function readTransferArguments(
  context: Pick<Context, 'command' | 'lastArgument'>,
  args: readonly string[],
  flags: TransferFlags,
  isTarget: (last: string) => boolean | Promise<boolean>,
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
  if (args.length === 1 || context.lastArgument === 'expanded')
    return { sources: args, target: { type: 'own-name' } }
  const last = args.at(-1) ?? ''
  const sources = args.slice(0, -1)
  const isSure = await isTarget(last)
  if (args.length === 2 && (isSure || !context.command.startsWith('m'))) {
    return { sources, target: { type: 'path', path: last } }
  }
  if (isSure) return { sources, target: { type: 'folder', path: last } }
  return { sources: args, target: { type: 'own-name' } }
}

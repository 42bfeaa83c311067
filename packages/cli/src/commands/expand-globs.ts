import { lstat } from 'node:fs/promises'
import { FtpError, type FtpErrorCode } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { RemoteSession } from '../locations/remote-session.js'
import { isRemoteUrl } from '../locations/server-address.js'
import type { Command } from './command.js'
import type { CommandEnvironment } from './command-environment.js'
import type { Word } from './word.js'

export interface ExpandedArguments {
  readonly args: readonly string[]
  /** `expanded` if the last argument was a pattern. */
  readonly isLastExpanded: boolean
  /** Set if names match that can't be asked for, because they are not UTF-8. The others are in `args`. */
  readonly failure: FtpError | undefined
}

/**
 * Replaces each pattern by what it matches on the side of the command's first argument. A pattern that matches
 * nothing is an error in the shell, where it could have been quoted, and elsewhere the name as it is written.
 */
export async function expandGlobs(
  environment: CommandEnvironment,
  command: Command,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<ExpandedArguments> {
  const args: string[] = []
  const unreachable: string[] = []
  const side = sideOf(command)
  let isLastExpanded = false
  for (const word of words) {
    const matches = side === undefined ? undefined : await matchesOf(environment, side, word, signal)
    // A folder may have more names than a call takes arguments.
    for (const path of matches?.paths ?? [word.text]) args.push(path)
    for (const path of matches?.unreachable ?? []) unreachable.push(path)
    isLastExpanded = matches !== undefined
  }
  const failure =
    side === undefined || unreachable.length === 0 ? undefined : unreachableError(side, unreachable)
  return { args, isLastExpanded, failure }
}

function unreachableError(side: 'local' | 'remote', paths: readonly string[]): FtpError {
  const [first = ''] = paths
  const others = paths.length > 1 ? ` and ${paths.length - 1} more` : ''
  const message = `${printable(first)}${others}: the name is not UTF-8, so it can't be`
  return side === 'local'
    ? new FtpError('local-not-found', `${message} sent; rename it`)
    : new FtpError('not-found', `${message} asked for; rename it on the server`)
}

function sideOf(command: Command): 'local' | 'remote' | undefined {
  const argument = command.arguments[0]
  if (argument?.isNew) return undefined
  const [kind] = argument?.kinds[0] ?? []
  if (kind === 'local' || kind === 'local-folder') return 'local'
  return kind === 'remote' || kind === 'remote-folder' ? 'remote' : undefined
}

/** Undefined if the word stands for itself. */
async function matchesOf(
  { local, remote }: CommandEnvironment,
  side: 'local' | 'remote',
  { text, glob, expands }: Word,
  signal: AbortSignal,
): Promise<{ paths: readonly string[]; unreachable: readonly string[] } | undefined> {
  const isUrl = isRemoteUrl(text)
  if (glob === undefined || (side === 'local' && isUrl)) return undefined
  if (
    expands === 'if-none' &&
    (side === 'local' ? await isLocal(local.resolve(text)) : await isRemote(remote, text, signal))
  )
    return undefined
  const { expandLocal, expandRemote } = await import('../locations/glob.js')
  const matches =
    side === 'local'
      ? await expandLocal(glob, local)
      : await expandRemote(glob, serverOf(text), remote, signal)
  if (matches.paths.length > 0) return matches
  if (matches.unreachable.length > 0) throw unreachableError(side, matches.unreachable)
  if (expands === 'if-none' && !(isUrl && text.includes('?'))) return undefined
  throw new FtpError(side === 'local' ? 'local-not-found' : 'not-found', 'nothing matches', { path: text })
}

/** The URL up to its path, in which the pattern is. */
function serverOf(text: string): string | undefined {
  return isRemoteUrl(text) ? /^[^/]*\/\/[^/]*/.exec(text)?.[0] : undefined
}

function isLocal(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

async function isRemote(remote: RemoteSession, text: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { client, path } = await remote.resolve(text, signal)
    await client.stat(path, { signal })
    return true
  } catch (error) {
    // A '?' that is not escaped makes no URL, so it is part of a pattern.
    if (error instanceof FtpError && ABSENT.includes(error.code)) return false
    throw error
  }
}

const ABSENT: readonly FtpErrorCode[] = ['not-found', 'not-a-directory', 'usage']

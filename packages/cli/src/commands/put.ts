import { type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { FtpError, fromLocalError, type PutOptions, type TransferResult } from '@jftp/client'
import { joinRemotePath, printable } from '@jftp/protocol'
import { isRemoteFolder, type RemoteLocation } from '../locations/remote-session.js'
import { isRemoteUrl } from '../locations/server-address.js'
import { type Command, defineCommand, type FlagValues } from './command.js'
import type { Context } from './context.js'
import { isSetAside } from './set-aside.js'
import { requireVerified, transferAndRemove, watchLocalSource } from './source-removal.js'
import {
  noTreePlan,
  onExistsOf,
  readTransferArguments,
  requireDistinctNames,
  transferFlags,
} from './transfer-arguments.js'
import { runTransfers, type TransferJob } from './transfer-batch.js'
import { planPuts } from './transfer-plan.js'
import { runTrees } from './tree-batch.js'

/** Enough to keep the connection busy with small files when the round trip is long. */
const IN_FLIGHT = 64

const putFlags = {
  ...transferFlags('remote'),
  segments: { ...transferFlags('remote').segments, isHidden: true },
  mkdir: { spelling: '--mkdir', help: 'make the folders that are missing on the way' },
  mode: { spelling: '--mode', value: 'MODE', help: 'the permission bits of the stored files, such as 644' },
} as const

type PutFlags = FlagValues<typeof putFlags>

export const put: Command = defineCommand({
  dryRun: 'plans',
  arguments: [{ name: 'LOCAL', takes: 'some', kinds: [['local'], ['local', 'remote-folder']] }],
  usage: 'LOCAL…|- [REMOTE/]',
  flags: putFlags,
  continuedBy: '-c',
  notes: [
    'A file appears under its remote name when it is complete and its digest was compared.',
    'All arguments are local files, unless the last one is a remote folder that exists,',
    'ends in /, is a URL, or follows -.',
    '  put a.txt -o b.txt     stores one file under another name',
    '  put a.txt b.txt box/   stores two files in the remote folder box',
    '  put -r dir box/        stores a folder with all that is in it, as box/dir',
    '  put - NAME             stores what comes from stdin',
  ],
  async run(context, args, flags) {
    const { local, remote, settings, signal } = context
    if (flags.segments !== undefined) {
      const why = 'the server digests an upload from its first byte on, so its parts have to come in order'
      throw new FtpError('usage', `--segments is for get: ${why}`)
    }
    const isTarget = (last: string, first: string) => isRemoteTarget(context, last, first)
    if (flags.mode !== undefined) readMode(flags.mode)
    if (flags.removeSource) requireVerified(settings)
    const { sources, target } = await readTransferArguments(context, args, flags, isTarget)
    const files = sources.filter((source) => source !== '-').map((source) => local.resolve(source))
    requireDistinctNames(files, onExistsOf(settings, flags), basename)
    const location = await remote.resolve(target.type === 'own-name' ? '.' : target.path, signal)
    const isFolder = target.type !== 'path' || location.isFolder
    const to = { ...location, isFolder }
    if (flags.recursive && settings.isDryRun) throw noTreePlan('put')
    if (flags.recursive) return putTrees(context, sources, to, flags)
    if (sources.includes('-')) checkStdin(context, to)
    if (sources.includes('-') && flags.continue) {
      throw new FtpError('usage', "stdin can't be read again, so -c can't continue it; put a file")
    }
    if (sources.includes('-') && flags.removeSource) {
      throw new FtpError('usage', "-E deletes files, and '-' is stdin; leave one of them out")
    }
    const jobs = sources.map((source) =>
      source === '-' ? stdinJob(context, to, flags) : fileJob(context, source, to, flags),
    )
    if (settings.isDryRun) {
      const { removeSource = false, mkdir: makesFolders = false } = flags
      const options = { onExists: onExistsOf(settings, flags), removeSource, makesFolders }
      return planPuts(context, jobs, options, lookAt)
    }
    await runTransfers(context, jobs, { inFlight: IN_FLIGHT, isStdoutTaken: false })
  },
})

async function putTrees(
  context: Context,
  sources: readonly string[],
  location: RemoteLocation,
  flags: PutFlags,
): Promise<void> {
  if (sources.includes('-')) throw new FtpError('usage', "-r stores folders, and '-' is a file")
  const { local, settings, signal } = context
  const isFolder = location.isFolder || (await isRemoteFolder(location, signal))
  const pairs = sources.map((source) => {
    const path = local.resolve(source)
    return { local: path, remote: isFolder ? joinRemotePath(location.path, basename(path)) : location.path }
  })
  const { parents: _, ...chosen } = optionsOf(context, flags)
  const options = { ...chosen, signal, connections: settings.connections }
  const { client } = location
  if (!flags.removeSource) {
    return runTrees(context, undefined, (onEvent) => client.putTrees(pairs, { ...options, onEvent }))
  }
  const select = ({ path }: { path: string }) => !isSetAside(path)
  await runTrees(context, watchLocalSource(client, signal), (onEvent) =>
    client.putTrees(pairs, { ...options, select, onEvent }),
  )
}

/** Throws what a put of it would end with. */
async function lookAt(local: string): Promise<Stats> {
  let stats: Stats
  try {
    stats = statSync(local)
  } catch (error) {
    throw fromLocalError(error, local)
  }
  if (stats.isDirectory()) throw explain(new FtpError('local-is-a-directory', '', { path: local }), stats)
  if (!stats.isFile()) throw notAFile(local)
  return stats
}

async function isRemoteTarget(
  { local, remote, signal }: Context,
  last: string,
  first: string,
): Promise<boolean> {
  if (isRemoteUrl(last) || last.endsWith('/') || first === '-') return true
  const stats = statOf(local.resolve(last))
  if (stats !== undefined && !stats.isDirectory()) return false
  if (await isRemoteFolder(await remote.resolve(last, signal), signal)) return true
  if (stats !== undefined || last === '-') return false
  throw new FtpError(
    'local-not-found',
    `there is neither a local file nor a remote folder '${last}'; to name the remote file write: -o ${last}`,
    { path: last },
  )
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // It may be a remote name that can't even be looked up here. If it is a local file, the put says why it fails.
    return undefined
  }
}

function fileJob(context: Context, source: string, location: RemoteLocation, flags: PutFlags): TransferJob {
  const local = context.local.resolve(source)
  const name = basename(local)
  const own = joinRemotePath(location.path, name)
  const path = location.isFolder ? own : location.path
  // If it can't be looked at, the put itself says why.
  const stats = statOf(local)
  return {
    subject: { label: printable(name), path, local },
    size: stats?.isFile() ? stats.size : undefined,
    client: location.client,
    async run({ client, signal, onProgress }) {
      const options: PutOptions = { signal, onProgress, ...optionsOf(context, flags) }
      const watch = flags.removeSource ? watchLocalSource(client, signal) : undefined
      const store = (to: string) =>
        transferAndRemove(watch, { path: to, local }, () => client.put(local, to, options))
      try {
        return await store(path)
      } catch (error) {
        if (!(error instanceof FtpError)) throw error
        // Asking first whether it is a folder would cost every other put a round trip.
        if (error.code === 'is-a-directory' && path !== own) return store(own)
        throw explain(error, stats)
      }
    },
  }
}

function notAFile(path: string): FtpError {
  return new FtpError(
    'local-not-a-file',
    'only a regular file can be put by its name; store its content with: put - NAME < FILE',
    { path },
  )
}

function explain(error: FtpError, stats: Stats | undefined): FtpError {
  if (error.code === 'local-is-a-directory' && stats?.isDirectory()) {
    const message = 'a folder; add -r to store it with all that is in it'
    return new FtpError('local-is-a-directory', message, { path: error.path, cause: error })
  }
  if (error.code === 'local-not-a-file' && error.path !== undefined) return notAFile(error.path)
  if (error.code !== 'not-found') return error
  return new FtpError('not-found', 'its folder does not exist; --mkdir makes it', {
    path: error.path,
    cause: error,
  })
}

function checkStdin({ isStdinTaken }: Context, { path, isFolder }: RemoteLocation): void {
  if (isStdinTaken)
    throw new FtpError('usage', "commands or a password come from stdin; '-' works with 'ftp put' and -c")
  if (isFolder) {
    throw new FtpError('usage', 'stdin has no name of its own; give it one: put - FOLDER/NAME', { path })
  }
}

function stdinJob(context: Context, { client, path }: RemoteLocation, flags: PutFlags): TransferJob {
  return {
    subject: { label: 'stdin', path },
    size: undefined,
    client,
    run: ({ signal, onProgress }): Promise<TransferResult> =>
      client
        .put(process.stdin, path, { signal, onProgress, ...optionsOf(context, flags) })
        .catch((error: unknown) => {
          throw error instanceof FtpError ? explain(error, undefined) : error
        }),
  }
}

function optionsOf({ settings }: Context, flags: PutFlags): PutOptions {
  return {
    digest: settings.digest,
    onExists: onExistsOf(settings, flags),
    preserve: flags.preserve ? 'times-and-mode' : undefined,
    mode: flags.mode === undefined ? undefined : readMode(flags.mode),
    parents: flags.mkdir,
  }
}

function readMode(text: string): number {
  if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8)
  throw new FtpError('usage', `--mode is octal such as 644, not '${text}'`)
}

/** `put -c` under the name that it has elsewhere. */
export const reput: Command = {
  ...put,
  run: (context, args, flags) => put.run(context, args, { ...flags, continue: true }),
}

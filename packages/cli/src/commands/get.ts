import { join } from 'node:path'
import { type FtpClient, FtpError, type GetSink, type TreePair } from '@jftp/client'
import { printable, remoteBasename } from '@jftp/protocol'
import { kindOf, notAFolder } from '../locations/local-folder.js'
import type { RemoteLocation } from '../locations/remote-session.js'
import { isRemoteUrl } from '../locations/server-address.js'
import { type Command, defineCommand } from './command.js'
import type { Context } from './context.js'
import { requireVerified, transferAndRemove, watchRemoteSource } from './source-removal.js'
import { stdoutSink } from './stdout-sink.js'
import {
  noTreePlan,
  onExistsOf,
  readTransferArguments,
  requireDistinctNames,
  segmentsOf,
  type Target,
  type TransferFlags,
  transferFlags,
} from './transfer-arguments.js'
import { runTransfers, type TransferJob } from './transfer-batch.js'
import { planGets } from './transfer-plan.js'
import { runTrees } from './tree-batch.js'

/** Enough to keep the connection busy with small files when the round trip is long. */
const IN_FLIGHT = 32

export const get: Command = defineCommand({
  dryRun: 'plans',
  arguments: [{ name: 'REMOTE', takes: 'some', kinds: [['remote'], ['remote', 'local-folder']] }],
  usage: 'REMOTE… [LOCAL/|-]',
  continuedBy: '-c',
  flags: {
    ...transferFlags('local'),
    links: {
      spelling: '--links',
      help: 'with -r: make the same links here instead of fetching what they lead to',
    },
  },
  notes: [
    'A file appears under its local name when it is complete and its digest was compared.',
    'All arguments are remote files, unless the last one is a local folder that exists,',
    'ends in /, or is - for stdout.',
    '  get a.txt -o b.txt     fetches one file under another name',
    '  get -r dir box/        fetches a folder with all that is in it, as box/dir',
    '  get a.txt b.txt box/   fetches two files into the local folder box',
  ],
  async run(context, args, flags) {
    const { local, remote, settings, signal } = context
    const isTarget = (last: string, first: string) => isLocalTarget(context, last, first)
    const { sources, target } = await readTransferArguments(context, args, flags, isTarget)
    const toStdout = target.type !== 'own-name' && target.path === '-'
    if (toStdout && settings.format === 'json') {
      throw new FtpError('usage', "'-' and --json both write to stdout; use one of them")
    }
    if (flags.recursive && toStdout)
      throw new FtpError('usage', "-r fetches folders, and '-' takes files only")
    if (toStdout && flags.continue) {
      throw new FtpError('usage', "what went to stdout is gone, so -c can't continue it; write to a file")
    }
    if (flags.removeSource) {
      requireVerified(settings)
      if (toStdout) throw new FtpError('usage', "-E can't know what becomes of stdout; write to a file")
    }
    segmentsOf(flags)
    if (settings.isDryRun && flags.recursive) throw noTreePlan('get')
    const folder = toStdout ? undefined : await folderOf(context, target, sources.length)
    const jobs: TransferJob[] = []
    const pairs: TreePair[] = []
    let client: FtpClient | undefined
    for (const source of sources) {
      const location = await remote.resolve(source, signal)
      client = location.client
      if (toStdout) {
        jobs.push(jobOf(context, location, stdoutSink(context), flags))
      } else {
        const named = folder === undefined && target.type === 'path' ? local.resolve(target.path) : undefined
        const path = named ?? join(folder ?? local.path, remoteBasename(location.path))
        pairs.push({ remote: location.path, local: path })
        jobs.push(jobOf(context, location, path, flags))
      }
    }
    const paths = pairs.map((pair) => pair.remote)
    requireDistinctNames(paths, onExistsOf(settings, flags), remoteBasename)
    if (settings.isDryRun) {
      const options = { onExists: onExistsOf(settings, flags), removeSource: flags.removeSource === true }
      return planGets(context, jobs, options, ({ path, type }) => {
        if (type === 'directory') throw isFolderError(path)
      })
    }
    if (flags.recursive && client !== undefined) return getTrees(context, client, pairs, flags)
    if (args.length === 2 && jobs.length === 2) jobs.push(withHint(jobs.pop() as TransferJob, args[1] ?? ''))
    await runTransfers(context, jobs, {
      inFlight: toStdout ? 1 : IN_FLIGHT,
      isStdoutTaken: toStdout,
    })
  },
})

function getTrees(
  context: Context,
  client: FtpClient,
  pairs: readonly TreePair[],
  flags: TransferFlags & { readonly links?: true | undefined },
): Promise<void> {
  const { preserve, links } = flags
  const { digest, connections } = context.settings
  const onExists = onExistsOf(context.settings, flags)
  const watch = flags.removeSource ? watchRemoteSource(client, context.signal) : undefined
  return runTrees(context, watch, (onEvent) =>
    client.getTrees(pairs, {
      signal: context.signal,
      digest,
      onExists,
      connections,
      preserve: preserve ? 'times-and-mode' : undefined,
      links: links ? 'keep' : 'follow',
      onEvent,
    }),
  )
}

async function isLocalTarget({ local, remote }: Context, last: string, first: string): Promise<boolean> {
  if (isRemoteUrl(last)) return false
  if (last.endsWith('/') || last === '-') return true
  const isFolder = await kindOf(local.resolve(last)).then(
    (kind) => kind === 'folder',
    () => false,
  )
  if (!isFolder && isRemoteUrl(first) && !remote.hasFolder) {
    throw new FtpError(
      'usage',
      `there is no local folder '${last}'; to name the local file write: -o ${last}`,
    )
  }
  return isFolder
}

/** The local folder that the files go into; undefined if the target names the one file. */
async function folderOf({ local }: Context, target: Target, files: number): Promise<string | undefined> {
  if (target.type === 'own-name') return local.path
  const path = local.resolve(target.path)
  const kind = await kindOf(path).catch((error: unknown) => {
    if (error instanceof FtpError && error.code === 'local-not-found') return undefined
    throw error
  })
  if (kind === 'folder') return path
  if (target.type === 'path' && files === 1 && !target.path.endsWith('/')) return undefined
  throw kind === undefined
    ? new FtpError('local-not-found', 'no such local folder; make it first', { path: target.path })
    : notAFolder(target.path)
}

function jobOf(
  { output, settings, signal }: Context,
  { client, path, isFolder }: RemoteLocation,
  sink: GetSink,
  flags: TransferFlags,
): TransferJob {
  const { digest } = settings
  const onExists = onExistsOf(settings, flags)
  const label = printable(remoteBasename(path) || '/')
  return {
    subject: { label, path, local: typeof sink === 'string' ? sink : undefined },
    size: undefined,
    client,
    async run({ client: connection, onProgress }) {
      if (isFolder || path === '/') {
        throw isFolderError(path)
      }
      const preserve = flags.preserve ? 'times-and-mode' : undefined
      const segments = segmentsOf(flags)
      const fetch = () =>
        connection
          .get(path, sink, { signal, onProgress, digest, onExists, preserve, segments })
          .catch((error: unknown) => {
            throw error instanceof FtpError && error.code === 'is-a-directory' ? isFolderError(path) : error
          })
      const watch = flags.removeSource ? watchRemoteSource(connection, signal) : undefined
      const local = typeof sink === 'string' ? sink : ''
      const result = await transferAndRemove(watch, { path, local }, fetch)
      // The file counts as received only when all of it has left the process.
      if (typeof sink !== 'string') await output.flush()
      return result
    },
  }
}

function isFolderError(path: string): FtpError {
  return new FtpError('is-a-directory', 'a folder; add -r to fetch it with all that is in it', { path })
}

/** The second of two names may have been meant as the new name of the first. */
function withHint(job: TransferJob, name: string): TransferJob {
  return {
    ...job,
    run: (options) =>
      job.run(options).catch((error: unknown) => {
        if (!(error instanceof FtpError) || error.code !== 'not-found') throw error
        const hint = `no such file or folder; to name the local file write: -o ${name}`
        throw new FtpError('not-found', hint, { path: error.path, cause: error })
      }),
  }
}

/** `get -c` under the name that it has elsewhere. */
export const reget: Command = {
  ...get,
  run: (context, args, flags) => get.run(context, args, { ...flags, continue: true }),
}

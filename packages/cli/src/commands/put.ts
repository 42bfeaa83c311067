import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { FtpError, type PutOptions, type TransferResult } from '@jftp/client'
import { joinRemotePath, printable } from '@jftp/protocol'
import { kindOf } from '../places/local-folder.js'
import type { RemotePlace } from '../places/remote-session.js'
import { isRemoteUrl } from '../places/server-address.js'
import { type Command, defineCommand } from './command.js'
import type { Context } from './context.js'
import { runPool } from './pool.js'
import {
  readTransferArguments,
  type TransferArguments,
  type TransferFlags,
  transferFlags,
} from './transfer-arguments.js'
import { runTransfers, type TransferJob } from './transfer-batch.js'

/** Enough to keep the connection busy with small files over a long way. */
const IN_FLIGHT = 64

export const put: Command = defineCommand({
  arguments: [{ name: 'LOCAL', takes: 'some', names: [['local'], ['remote', 'local']] }],
  usage: 'LOCAL…|- [REMOTE]',
  flags: transferFlags,
  notes: [
    'A file appears under its remote name when it is complete and its digest was compared.',
    "Of two arguments the second is REMOTE; of more, the last one is if it ends in '/' or is a URL.",
    "Where REMOTE is a folder the files go into it under their own names. '-' is stdin.",
    "'mput' takes all its arguments for files.",
  ],
  async run(context, args, flags) {
    const { remote, signal } = context
    const { sources, target } = await readPutArguments(context, args, flags)
    const place = await remote.resolve(target.type === 'own-name' ? '.' : target.path, signal)
    const isFolder = target.type !== 'path' || sources.length > 1 || place.isFolder
    const to = { ...place, isFolder }
    if (sources.includes('-')) checkStdin(context, to)
    const jobs: TransferJob[] = []
    await runPool([...sources.entries()], IN_FLIGHT, async ([index, source]) => {
      jobs[index] = source === '-' ? stdinJob(context, to, flags) : await fileJob(context, source, to, flags)
    })
    await runTransfers(context, jobs, { inFlight: IN_FLIGHT, occupied: 'nothing' })
  },
})

async function readPutArguments(
  context: Context,
  args: readonly string[],
  flags: TransferFlags,
): Promise<TransferArguments> {
  const read = await readTransferArguments(
    context,
    args,
    flags,
    (last) => isRemoteUrl(last) || last.endsWith('/'),
  )
  const [source = ''] = read.sources
  if (read.target.type !== 'path' || flags.output !== undefined || isRemoteUrl(read.target.path)) return read
  // An unquoted glob of the user's shell that matched two files looks just like this.
  const { path } = read.target
  const isLocalFile = await kindOf(context.local.resolve(path)).then(
    (kind) => kind === 'file',
    () => false,
  )
  if (!isLocalFile || source === '-' || basename(source) === basename(path)) return read
  throw new FtpError(
    'usage',
    `'${path}' is a local file too; store one under that name with -o, or both with -O .`,
  )
}

async function fileJob(
  context: Context,
  source: string,
  place: RemotePlace,
  flags: TransferFlags,
): Promise<TransferJob> {
  const local = context.local.resolve(source)
  const name = basename(local)
  const own = joinRemotePath(place.path, name)
  const path = place.isFolder ? own : place.path
  const size = await stat(local).then(
    (stats) => stats.size,
    // The put itself will say what is wrong with it.
    () => undefined,
  )
  return {
    subject: { label: printable(name), path, local },
    size,
    async run({ signal, onProgress }) {
      const options: PutOptions = { signal, onProgress, ...optionsOf(context, flags) }
      try {
        return await place.client.put(local, path, options)
      } catch (error) {
        if (!(error instanceof FtpError)) throw error
        // Asking first whether it is a folder would cost every other put a round trip.
        if (error.code === 'is-a-directory' && path !== own) return place.client.put(local, own, options)
        throw explain(error)
      }
    },
  }
}

function explain(error: FtpError): FtpError {
  if (error.code !== 'not-found') return error
  return new FtpError('not-found', 'its folder does not exist; make it first', {
    path: error.path,
    cause: error,
  })
}

function checkStdin({ stdin }: Context, { path, isFolder }: RemotePlace): void {
  if (stdin === 'taken')
    throw new FtpError('usage', "commands come from stdin; '-' works with 'ftp put' and -c")
  if (isFolder) {
    throw new FtpError('usage', 'stdin has no name of its own; give it one: put - FOLDER/NAME', { path })
  }
}

function stdinJob(context: Context, { client, path }: RemotePlace, flags: TransferFlags): TransferJob {
  return {
    subject: { label: 'stdin', path },
    size: undefined,
    run: ({ signal, onProgress }): Promise<TransferResult> =>
      client.put(process.stdin, path, { signal, onProgress, ...optionsOf(context, flags) }),
  }
}

function optionsOf({ settings }: Context, { preserve }: TransferFlags): PutOptions {
  const { digest, onExists } = settings
  return { digest, onExists, ...(preserve ? { preserve: 'times-and-mode' } : {}) }
}

import { join } from 'node:path'
import { Writable } from 'node:stream'
import { FtpError, type GetSink } from '@jftp/client'
import { printable, remoteBasename } from '@jftp/protocol'
import { kindOf, notAFolder } from '../places/local-folder.js'
import type { RemotePlace } from '../places/remote-session.js'
import { isRemoteUrl } from '../places/server-address.js'
import { type Command, defineCommand } from './command.js'
import type { Context } from './context.js'
import {
  readTransferArguments,
  type Target,
  type TransferArguments,
  type TransferFlags,
  transferFlags,
} from './transfer-arguments.js'
import { runTransfers, type TransferJob } from './transfer-batch.js'

/** Enough to keep the connection busy with small files over a long way. */
const IN_FLIGHT = 32

export const get: Command = defineCommand({
  arguments: [{ name: 'REMOTE', takes: 'some', names: [['remote'], ['local', 'remote']] }],
  usage: 'REMOTE… [LOCAL|-]',
  flags: transferFlags,
  notes: [
    'A file appears under its local name when it is complete and its digest was compared.',
    "Of two arguments the second is LOCAL. Of more, the last is if it is a local folder. '-' is stdout.",
    "'mget' takes all its arguments for remote files.",
  ],
  async run(context, args, flags) {
    const { local, remote, settings, signal } = context
    const { sources, target } = await readGetArguments(context, args, flags)
    const toStdout = target.type !== 'own-name' && target.path === '-'
    if (toStdout && settings.format === 'json') {
      throw new FtpError('usage', "'-' and --json both write to stdout; use one of them")
    }
    const folder = toStdout ? undefined : await folderOf(context, target, sources.length)
    const jobs: TransferJob[] = []
    for (const source of sources) {
      const place = await remote.resolve(source, signal)
      if (toStdout) {
        jobs.push(jobOf(context, place, stdoutSink(context), flags))
      } else {
        const path = folder === undefined && target.type === 'path' ? local.resolve(target.path) : undefined
        jobs.push(
          jobOf(context, place, path ?? join(folder ?? local.path, remoteBasename(place.path)), flags),
        )
      }
    }
    await runTransfers(context, jobs, {
      inFlight: toStdout ? 1 : IN_FLIGHT,
      occupied: toStdout ? 'stdout' : 'nothing',
    })
  },
})

function readGetArguments(
  context: Context,
  args: readonly string[],
  flags: TransferFlags,
): Promise<TransferArguments> {
  const [first = '', second = ''] = args
  // URLs leave no doubt about which side an argument is on.
  if (args.length === 2 && isRemoteUrl(first) && isRemoteUrl(second)) {
    return Promise.resolve({ sources: args, target: { type: 'own-name' } })
  }
  return readTransferArguments(context, args, flags, (last) => {
    if (isRemoteUrl(last)) return false
    if (last.endsWith('/') || last === '-' || isRemoteUrl(first)) return true
    return kindOf(context.local.resolve(last)).then(
      (kind) => kind === 'folder',
      () => false,
    )
  })
}

/** The local folder the files go into; undefined where the one file has a name of its own there. */
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
  place: RemotePlace,
  sink: GetSink,
  flags: TransferFlags,
): TransferJob {
  const { client, path, isFolder } = place
  const { digest, onExists } = settings
  const label = printable(remoteBasename(path) || '/')
  return {
    subject: { label, path, local: typeof sink === 'string' ? sink : undefined },
    size: undefined,
    async run({ onProgress }) {
      if (isFolder || path === '/') {
        throw new FtpError('is-a-directory', 'a folder; name a file in it', { path })
      }
      const result = await client.get(path, sink, {
        signal,
        onProgress,
        digest,
        onExists,
        preserve: flags.preserve ? 'times-and-mode' : undefined,
      })
      // Only what has left the process was received.
      if (typeof sink !== 'string') await output.flush()
      return result
    },
  }
}

/** The library ends its sink, but stdout must stay open. */
function stdoutSink({ output }: Context): Writable {
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      output.content(chunk).then(() => done(), done)
    },
  })
  // The failed transfer itself says why the sink was destroyed.
  return sink.on('error', () => {})
}

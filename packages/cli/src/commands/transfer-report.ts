import type { TransferResult } from '@jftp/client'
import { printable, remoteBasename } from '@jftp/protocol'
import type { TransferSubject } from '../progress/transfer-board.js'
import type { Context } from './context.js'

/** The name to show, with the new name behind it if `--on-exists rename` has chosen one. */
export function labelOf({ label, path, local }: TransferSubject, result: TransferResult): string {
  const asked = [path, local ?? ''].map((each) => remoteBasename(each))
  const stored = remoteBasename(result.status === 'received' ? (result.local ?? '') : result.path)
  const isRenamed = stored !== '' && !asked.includes(stored)
  return isRenamed ? `${label} → ${printable(stored)}` : label
}

/** Tells a program of a transfer that ended well. */
export async function reportDone(
  { output }: Context,
  subject: TransferSubject,
  result: TransferResult,
): Promise<void> {
  const { path, bytes, digest, status } = result
  const local = result.local ?? subject.local
  await output.event({
    v: 1,
    event: 'transfer',
    path,
    ...(local === undefined ? {} : { local }),
    bytes,
    ms: Math.round(result.ms),
    ...(digest === undefined ? {} : { digest }),
    status: result.resumedFrom > 0 ? 'resumed' : status,
  })
}

/** Tells a program of a transfer that failed. The error event says why. */
export async function reportFailed({ output }: Context, { path, local }: TransferSubject): Promise<void> {
  const place = local === undefined ? { path } : { path, local }
  await output.event({ v: 1, event: 'transfer', ...place, bytes: 0, ms: 0, status: 'failed' })
}

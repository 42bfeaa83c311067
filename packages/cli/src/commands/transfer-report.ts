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

/**
 * Tells a program how a transfer ended. Without a result it failed, and an error event will say why. Returns a promise
 * only if somebody is told: without --json there may be thousands of files a second.
 */
export function report(
  { output, settings }: Context,
  subject: TransferSubject,
  result: TransferResult | undefined,
): void | Promise<void> {
  if (settings.format !== 'json') return
  const local = result?.local ?? subject.local
  const localPath = local === undefined ? {} : { local }
  const { path, bytes, ms, digest } = result ?? { path: subject.path, bytes: 0, ms: 0, digest: undefined }
  const event = {
    v: 1,
    event: 'transfer',
    path,
    ...localPath,
    bytes,
    ms: Math.round(ms),
    ...(digest === undefined ? {} : { digest }),
    status: result === undefined ? 'failed' : result.resumedFrom > 0 ? 'resumed' : result.status,
  } as const
  return output.event(event, result?.status === 'received' ? 'received' : 'sent')
}

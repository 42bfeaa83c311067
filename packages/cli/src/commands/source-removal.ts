import { type Stats, statSync, unlinkSync } from 'node:fs'
import { type FtpClient, FtpError, fromLocalError, type RemoteEntry, type TransferResult } from '@jftp/client'
import type { Settings } from '../settings/settings.js'
import { putBack, setAside } from './set-aside.js'

/** The two ends of one transfer: where the file is on the server, and its local path. */
export interface TransferEnds {
  readonly path: string
  readonly local: string
}

/**
 * Looks at the source of a transfer that is about to begin. Resolves with what deletes it after the transfer. That
 * throws, and deletes nothing, if the source is no longer what it was.
 */
export type WatchSource = (ends: TransferEnds) => Promise<(result: TransferResult) => Promise<void>>

/** The flag -E of get and put. */
export const removeSourceFlag = {
  spelling: '-E, --remove-source',
  help: 'delete each source file after its transfer was verified; with -r the folders stay',
} as const

/** Throws `usage` if a transfer would not be verified. */
export function requireVerified({ digest }: Settings): void {
  if (digest !== 'none') return
  throw new FtpError('usage', '-E deletes only what was verified; leave out --digest none')
}

/** Runs one transfer, and deletes its source afterwards if `watch` is given. */
export async function transferAndRemove(
  watch: WatchSource | undefined,
  ends: TransferEnds,
  transfer: () => Promise<TransferResult>,
): Promise<TransferResult> {
  const remove = await watch?.(ends)
  const result = await transfer()
  await remove?.(result)
  return result
}

/** Of put: the sources are local files. */
export function watchLocalSource(client: FtpClient, signal: AbortSignal): WatchSource {
  return async ({ local }) => {
    const before = lookAt(local)
    return async ({ status, path }) => {
      if (status === 'skipped') return
      try {
        // Nothing may come between the look and the removal, so both are synchronous.
        if (before === undefined || isOther(before, statSync(local))) throw changed(local)
        if (status !== 'unchanged') return unlinkSync(local)
        await removeCompared(local, setAside(local), () => client.stat(path, { links: 'follow', signal }))
      } catch (error) {
        throw fromLocalError(error, local)
      }
    }
  }
}

/** Of get: the sources are on the server. */
export function watchRemoteSource(client: FtpClient, signal: AbortSignal): WatchSource {
  return async ({ path }) => {
    // If it can't be looked at, the transfer itself says why.
    const before = await client.stat(path, { links: 'follow', signal }).catch(() => undefined)
    return async ({ status, local }) => {
      if (status === 'skipped') return
      const now = await client.stat(path, { links: 'follow', signal })
      if (before === undefined || !isSame(before, now)) throw changed(path)
      requireKept(path, local, now.size)
      // It may change until the server gets to remove it, so the server looks once more.
      await client.rm(path, { version: before, signal })
    }
  }
}

/**
 * Deletes a local file that was compared with a remote one and not sent. If ftpd serves the folder that the file is in,
 * both may be the same file, and then there is no other copy. So the file, which has been set aside, is deleted only if the
 * server still has its own.
 */
async function removeCompared(
  local: string,
  aside: string,
  lookOnServer: () => Promise<RemoteEntry>,
): Promise<void> {
  try {
    await lookOnServer()
  } catch (error) {
    putBack(aside, local)
    if (!(error instanceof FtpError) || error.code !== 'not-found') throw error
    const message = `${local}: it is the file that the server has, so it was not deleted`
    throw new FtpError('changed', message, { path: local, cause: error })
  }
  unlinkSync(aside)
}

/** Undefined if it can't be looked at: then the transfer itself says why. */
function lookAt(local: string): Stats | undefined {
  try {
    return statSync(local)
  } catch {
    return undefined
  }
}

/** Whether there is another file now, or other content in it. */
function isOther(before: Stats, now: Stats): boolean {
  const facts = ['dev', 'ino', 'size', 'mtimeMs', 'ctimeMs'] as const
  return facts.some((fact) => before[fact] !== now[fact])
}

function isSame(before: RemoteEntry, now: RemoteEntry): boolean {
  return now.type === 'file' && before.size === now.size && before.mtime === now.mtime
}

/** A device such as /dev/null takes everything and keeps nothing. */
function requireKept(path: string, local: string | undefined, size: number): void {
  const copy = local === undefined ? undefined : lookAt(local)
  if (copy?.isFile() && copy.size === size) return
  throw new FtpError('changed', `${path}: no local file holds it now, so it stays on the server`, { path })
}

function changed(path: string): FtpError {
  return new FtpError('changed', `${path}: it changed while it was transferred, so it was not deleted`, {
    path,
  })
}

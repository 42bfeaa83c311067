import { type FtpClient, FtpError, type FtpErrorCode, type RemoteEntry } from '@jftp/client'
import { joinRemotePath } from '@jftp/protocol'
import { isRemoteFolder } from '../locations/remote-session.js'
import { runPool } from './pool.js'
import { filesOf, foldersOf } from './remote-tree.js'

/** Copies that are asked for at once. */
const IN_FLIGHT = 64

export interface TreeCopy {
  readonly client: FtpClient
  readonly from: string
  /** The path of the copy. Its parent exists. */
  readonly to: string
  readonly preserve: 'times-and-mode' | undefined
  readonly signal: AbortSignal
  copyFile(from: string, to: string): Promise<void>
  /** What is left out, and why. */
  onSkip(path: string, why: string): void
}

/**
 * Copies a folder with all that is in it, on the server. What fails does not stop the rest; all failures are returned.
 * All folders are found before the first is made, so that a copy inside the original does not copy itself. Memory grows
 * with the number of folders, and with the names in the largest one.
 */
export async function copyTree(copy: TreeCopy): Promise<unknown[]> {
  const { client, from, to, signal } = copy
  const failures: unknown[] = []
  const made: Made[] = []
  for (const entry of await foldersOf(client, from, signal, failures)) {
    const target = to + entry.path.slice(from === '/' ? 0 : from.length)
    try {
      await makeFolder(copy, target)
      made.push({ entry, target })
      await copyFiles(copy, entry.path, target, failures)
    } catch (error) {
      if (signal.aborted) throw error
      failures.push(error)
    }
  }
  // The deepest first, because a folder may lose the permission to change what is in it.
  for (const folder of made.reverse()) await finishFolder(copy, folder).catch((error) => failures.push(error))
  return failures
}

interface Made {
  readonly entry: RemoteEntry
  readonly target: string
}

/** A folder that is there already gets what the original holds. */
async function makeFolder({ client, signal }: TreeCopy, path: string): Promise<void> {
  try {
    await client.mkdir(path, { signal })
  } catch (error) {
    const isThere = error instanceof FtpError && error.code === 'exists'
    if (!(isThere && (await isRemoteFolder({ client, path, isFolder: true }, signal)))) throw error
  }
}

async function copyFiles(copy: TreeCopy, folder: string, target: string, failures: unknown[]): Promise<void> {
  const { client, signal } = copy
  await runPool(await filesOf(client, folder, signal), IN_FLIGHT, async (entry) => {
    try {
      if (entry.type === 'other') copy.onSkip(entry.path, 'not a regular file')
      else await copyFile(copy, entry, joinRemotePath(target, entry.name))
    } catch (error) {
      failures.push(error)
    }
  })
  signal.throwIfAborted()
}

/** Of a link, what it leads to is copied, if that is a file. */
async function copyFile(copy: TreeCopy, { path, type, rawName }: RemoteEntry, to: string): Promise<void> {
  if (rawName !== undefined) return copy.onSkip(path, 'its name is not UTF-8')
  try {
    await copy.copyFile(path, to)
  } catch (error) {
    const isBroken = type === 'link' && error instanceof FtpError && NO_FILE.includes(error.code)
    if (!isBroken) throw error
    copy.onSkip(path, 'a link that leads to no file')
  }
}

const NO_FILE: readonly FtpErrorCode[] = ['not-found', 'is-a-directory', 'permission-denied', 'unsupported']

/** Nobody gets more of the copy than of the original. */
async function finishFolder({ client, preserve, signal }: TreeCopy, { entry, target }: Made): Promise<void> {
  const { mode, mtime } = entry
  if (mode !== undefined) {
    const now = (await client.stat(target, { links: 'follow', signal })).mode ?? 0
    const wanted = preserve ? mode & 0o777 : now & (mode | 0o7000)
    if (wanted !== now) await client.chmod(target, wanted, { signal })
  }
  if (preserve) await client.touch(target, { mtime, create: false, signal })
}

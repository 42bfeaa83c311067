import type { CallOptions } from '../call-options.js'
import { toRemotePath } from '../checked-arguments.js'
import { isFinal } from '../errors/final-error.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { RemoteFiles } from '../remote-files.js'
import { runAtOnce } from '../run-at-once.js'
import { spooled } from './spool.js'

/** What `removeTree` has removed, and what it could not remove. */
export interface RemovedTree {
  readonly files: number
  readonly folders: number
  readonly failures: readonly FtpError[]
}

/** Requests that are sent without waiting for the answers. A connection leaves at most 256 requests unanswered. */
const IN_FLIGHT = 200

/**
 * Removes a folder with all that is in it, in a fixed number of round trips for each 200 names. Links are removed and
 * not followed. What can't be removed stays, with the folders that it is in, and does not stop the rest.
 */
export async function removeTree(
  remote: RemoteFiles,
  remotePath: string,
  { signal }: CallOptions,
): Promise<RemovedTree> {
  const top = toRemotePath(remotePath)
  if (top === '/') {
    throw new FtpError('usage', "the root itself can't be removed; name the folders in it", { path: top })
  }
  const removal = new Removal(remote, signal)
  const entry = await remote.stat(top, { signal })
  if (entry.type === 'directory') await removal.removeFolder(top)
  else await removal.remove('rm', top)
  return removal
}

class Removal implements RemovedTree {
  files = 0
  folders = 0
  readonly failures: FtpError[] = []
  readonly #remote: RemoteFiles
  readonly #signal: AbortSignal | undefined
  /** Folders in which something stays. */
  readonly #staying = new Set<string>()

  constructor(remote: RemoteFiles, signal: AbortSignal | undefined) {
    this.#remote = remote
    this.#signal = signal
  }

  async removeFolder(top: string): Promise<void> {
    const folders = [top]
    const found = spooled(this.#remote.find(top, { signal: this.#signal }))
    await runAtOnce(found, IN_FLIGHT, async (entry) => {
      if (entry.type === 'unreadable') this.#stays(entry.path, entry.error)
      else if (entry.rawName !== undefined) this.#stays(entry.path, notUtf8(entry.path))
      else if (entry.type === 'directory') folders.push(entry.path)
      else await this.remove('rm', entry.path)
    })
    // A folder was found before what is in it, and the server carries requests out in their order.
    const innermostFirst = folders.reverse().values()
    await runAtOnce(innermostFirst, IN_FLIGHT, async (folder) => {
      if (!this.#staying.has(folder)) await this.remove('rmdir', folder)
    })
  }

  async remove(call: 'rm' | 'rmdir', path: string): Promise<void> {
    try {
      await this.#remote[call](path, { signal: this.#signal })
      if (call === 'rm') this.files++
      else this.folders++
    } catch (error) {
      const failure = toFtpError(error, path)
      if (isFinal(failure)) throw failure
      // Somebody else was faster, or it is known already that something in the folder stays.
      if (failure.code !== 'not-found' && !this.#staying.has(path)) this.#stays(path, failure)
    }
  }

  /** Notes that the name stays, and so do the folders that it is in. */
  #stays(path: string, failure: FtpError): void {
    this.failures.push(failure)
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end)
      if (this.#staying.has(folder)) return
      this.#staying.add(folder)
    }
  }
}

function notUtf8(path: string): FtpError {
  const message = `${path}: the name is not UTF-8, so it can't be asked for; remove it on the server`
  return new FtpError('not-found', message, { path })
}

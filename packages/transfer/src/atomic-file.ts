import {
  type BigIntStats,
  closeSync,
  fchmodSync,
  fstatSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs'
import type { DigestAlgorithm } from '@jftp/protocol'
import type { ByteSink, TransferSummary } from './byte-source.js'
import { FileSink } from './file-sink.js'
import type { FileStart } from './file-start.js'
import { setFileTime } from './file-time.js'
import { FolderSyncError, type GroupCommit } from './group-commit.js'
import { type OnExists, publishNew, publishNumbered } from './on-exists.js'
import type { TransferThread } from './transfer-thread.js'

/** A new file under a hidden name, open for writing. */
export interface StagedFile {
  readonly fd: number
  /** A path that leads to it, for link, rename and unlink. */
  readonly path: string
}

/** Where hidden files are made: on the file system of their targets. */
export interface StagingArea {
  /** `mode`: permission bits, less the umask. `target`: the path that the file is meant for. */
  create(mode: number, target: string): StagedFile
}

/** The place that an atomic file gets when it is complete. */
export interface AtomicTarget {
  readonly path: string
  /** Equal for two targets only if they are in the same folder, and if one check of that folder holds for both. */
  readonly folderKey: string
  /** Opens that folder so that it can be synced. The caller closes the descriptor. */
  openFolder(): number
  /** Called right before files get their names. Throws if no file may be stored in the folder any more. */
  checkFolder?(): void
}

export interface AtomicFileOptions {
  readonly target: AtomicTarget
  readonly onExists: OnExists
  readonly commits: GroupCommit
  readonly staging: StagingArea
  readonly digest: DigestAlgorithm
  /** The thread that writes the file, if it is to be another than this one. */
  readonly thread?: TransferThread | undefined
  /** How many bytes will come, if that is known: see `createDigester`. */
  readonly size?: number | undefined
  /**
   * A hidden file that was kept and is continued, with what it holds; without it, the hidden file is new and empty.
   * Only for a file that this thread writes.
   */
  readonly continued?: { readonly staged: StagedFile; readonly start: FileStart } | undefined
  /** What the target is before, if `onExists` is `overwrite`: its permission bits are kept. */
  readonly replaced?: Stats | undefined
  /** Exact permission bits, instead of those of the file that is replaced. */
  readonly mode?: number | undefined
  /** Permission bits of a file that replaces none, less the umask. */
  readonly createMode?: number | undefined
  /** Milliseconds since 1970. */
  readonly mtime?: number | undefined
}

/** How a commit ended. `suffix` is what was added to the name of the target. */
export type PublishOutcome =
  | { readonly type: 'stored'; readonly suffix: string }
  /** The file has its name, but the folder could not be synced: a loss of power may undo that. */
  | { readonly type: 'not-durable'; readonly suffix: string; readonly cause: unknown }
  | { readonly type: 'skipped' }
  /** `onExists` is `fail` and the name was taken after the file was begun. */
  | { readonly type: 'taken' }
  | { readonly type: 'failed'; readonly error: unknown }

/**
 * A file that nobody sees before it is complete, checked and durable: it is written under a hidden name and
 * digested, and its commit gives it its real name in one step. Methods throw the file system's errors.
 */
export class AtomicFile {
  readonly #options: AtomicFileOptions
  readonly #staged: StagedFile
  readonly #sink: ByteSink
  #state: 'open' | 'committing' | 'over' = 'open'

  constructor(options: AtomicFileOptions) {
    const { staging, target, thread, digest, continued, size } = options
    const { mode = options.replaced?.mode, createMode = 0o666 } = options
    this.#options = options
    // A file that gets its exact mode only now must never have been readable by others.
    const firstMode = mode === undefined ? createMode & 0o777 : 0o600
    this.#staged = continued?.staged ?? staging.create(firstMode, target.path)
    const { fd } = this.#staged
    try {
      if (mode !== undefined) fchmodSync(fd, mode & 0o777)
      this.#sink =
        thread === undefined
          ? new FileSink(fd, digest, { start: continued?.start, size })
          : thread.openSink(fd, digest)
    } catch (error) {
      removeQuietly(this.#staged.path)
      closeSync(fd)
      throw error
    }
  }

  /** Takes the pieces and their memory. A promise means "enough for now": wait for it before the next call. */
  write(pieces: Uint8Array[]): void | Promise<void> {
    return this.#sink.write(pieces)
  }

  /** Call after the last piece. Returns what was written. */
  finish(): TransferSummary | Promise<TransferSummary> {
    const written = this.#sink.finish()
    if (!(written instanceof Promise)) return this.#setTime(written)
    return written.then((summary) => this.#setTime(summary))
  }

  /**
   * Call after `finish`, if it is to be told later whether somebody has written to the file. Its mtime is set to the
   * present unless another one is wanted: the system may give the next write the same mtime as the last.
   */
  seal(): BigIntStats {
    const { fd } = this.#staged
    if (this.#options.mtime === undefined) setFileTime(fd, Date.now())
    return fstatSync(fd, { bigint: true })
  }

  /** Gives the finished file its name. `done` is called once, for small files in the order of the commits. */
  commit(done: (outcome: PublishOutcome) => void): void {
    const { commits, target } = this.#options
    const { fd } = this.#staged
    this.#state = 'committing'
    let suffix: string | undefined
    const add = () =>
      commits.add({
        fd,
        folder: target.folderKey,
        openFolder: () => target.openFolder(),
        checkFolder: () => target.checkFolder?.(),
        publish: () => {
          suffix = this.#publish()
        },
        done: (error) => done(this.#conclude(error, suffix)),
      })
    const closing = this.#sink.close()
    if (closing === undefined) add()
    else void closing.then(add)
  }

  /** Removes the file; what was there before stays. After `commit` this has an effect until the file has its name. */
  discard(): void {
    const isOpen = this.#state === 'open'
    if (this.#state !== 'over') removeQuietly(this.#staged.path)
    this.#state = 'over'
    // The commit closes the descriptor otherwise.
    if (!isOpen) return
    const closing = this.#sink.close()
    if (closing === undefined) closeSync(this.#staged.fd)
    else void closing.then(() => closeSync(this.#staged.fd))
  }

  /** Stops, and hands the hidden file to `take`, which gives it another hidden name to be continued later. */
  keep(take: (path: string) => void): void | Promise<void> {
    this.#state = 'over'
    const end = () => {
      closeSync(this.#staged.fd)
      take(this.#staged.path)
    }
    const closing = this.#sink.close()
    if (closing === undefined) end()
    else return closing.then(end)
  }

  #setTime(written: TransferSummary): TransferSummary {
    const { mtime } = this.#options
    if (mtime !== undefined) setFileTime(this.#staged.fd, mtime)
    return written
  }

  /** Returns what was added to the name. */
  #publish(): string {
    const { target, onExists } = this.#options
    const { path } = this.#staged
    if (this.#state === 'over') throw new Error('the file was discarded before it got its name')
    if (onExists === 'rename') return publishNumbered(path, target.path)
    if (onExists === 'overwrite') renameSync(path, target.path)
    else if (!publishNew(path, target.path)) throw new NameTaken()
    return ''
  }

  #conclude(error: unknown, suffix: string | undefined): PublishOutcome {
    this.#state = 'over'
    if (suffix !== undefined && error === undefined) return { type: 'stored', suffix }
    if (suffix !== undefined && error instanceof FolderSyncError)
      return { type: 'not-durable', suffix, cause: error.cause }
    removeQuietly(this.#staged.path)
    if (!(error instanceof NameTaken)) return { type: 'failed', error }
    return this.#options.onExists === 'skip' ? { type: 'skipped' } : { type: 'taken' }
  }
}

/** The name was free when the file was begun and is not any more. */
class NameTaken extends Error {}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is gone already, or a later sweep removes it.
  }
}

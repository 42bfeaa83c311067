import { closeSync, fchmodSync, futimesSync, openSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DigestAlgorithm } from '@jftp/protocol'
import {
  type ByteSink,
  FileSink,
  FolderSyncError,
  type GroupCommit,
  type PartFiles,
  type Passed,
  THREAD_SIZE,
  type TransferThread,
} from '@jftp/transfer'
import type { OnExists } from '../call-options.js'
import type { Memory } from '../connection/dial.js'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError, notAFile } from '../errors/local-error.js'
import type { Download, Kept, RemoteFacts } from './download.js'
import { followLinks } from './link-target.js'
import { nameTaken, publish } from './publish.js'

/** What a connection lends to its downloads. */
export interface DownloadSite {
  readonly thread: TransferThread
  readonly commits: GroupCommit
  readonly partFiles: PartFiles
}

export interface FileDownloadOptions {
  readonly onExists?: OnExists | undefined
  readonly preserve?: 'times-and-mode' | undefined
}

type State =
  | { readonly name: 'new' }
  | { readonly name: 'open'; readonly fd: number; readonly temporary: string; readonly sink: ByteSink }
  /** The commit closes the descriptor. */
  | { readonly name: 'committing'; readonly temporary: string }
  | { readonly name: 'over' }

/** The farthest a Date reaches, in milliseconds from 1970, in both directions. */
const MAX_TIME = 8.64e15

/**
 * A local file: written beside its target under a name nobody asks for, durable and renamed when it is
 * complete and checked. If its path is a link, the file goes to where the link leads, as it does for a put.
 */
export class FileDownload implements Download {
  readonly local: string
  readonly #site: DownloadSite
  readonly #onExists: OnExists
  readonly #preserve: 'times-and-mode' | undefined
  /** Where links on `local` lead. */
  #target: string
  #existing: Stats | undefined
  #facts: RemoteFacts | undefined
  #state: State = { name: 'new' }

  constructor(path: string, site: DownloadSite, options: FileDownloadOptions) {
    this.local = path
    this.#target = path
    this.#site = site
    this.#onExists = options.onExists ?? 'overwrite'
    this.#preserve = options.preserve
  }

  get memory(): Memory {
    return this.#usesThread ? 'kept' : 'free'
  }

  prepare(): 'needed' | 'skipped' {
    const existing = this.#try(() => statSync(this.local, { throwIfNoEntry: false }))
    if (existing?.isFile() === false) throw notAFile(existing, this.local, 'get into it as a stream')
    this.#target = this.#try(() => followLinks(this.local))
    this.#existing = existing
    if (existing === undefined) return 'needed'
    if (this.#onExists === 'fail') throw nameTaken(this.local)
    return this.#onExists === 'skip' ? 'skipped' : 'needed'
  }

  open(facts: RemoteFacts, digest: DigestAlgorithm): void {
    this.#facts = facts
    const temporary = this.#site.partFiles.pathFor(this.#target)
    // A mode that is set at the end is set on a file that nobody else could read before.
    const fd = this.#try(() =>
      openSync(temporary, 'wx', this.#exactMode() === undefined ? facts.mode & 0o777 : 0o600),
    )
    const sink = this.#usesThread ? this.#site.thread.openSink(fd, digest) : new FileSink(fd, digest)
    this.#state = { name: 'open', fd, temporary, sink }
  }

  write(pieces: Uint8Array[], ownership: 'sole' | 'shared'): void | Promise<void> {
    const { sink } = this.#opened()
    // A thread takes a chunk away; what others have of the same chunk has to stay.
    const ours = ownership === 'sole' ? pieces : pieces.map((piece) => new Uint8Array(piece))
    const waiting = this.#try(() => sink.write(ours))
    return waiting?.catch((error: unknown) => this.#fail(error))
  }

  finish(): Passed | Promise<Passed> {
    const passed = this.#try(() => this.#opened().sink.finish())
    return passed instanceof Promise ? passed.catch((error: unknown) => this.#fail(error)) : passed
  }

  commit(done: (outcome: Kept | FtpError) => void): void {
    const { fd, temporary, sink } = this.#opened()
    this.#try(() => this.#setMetadata(fd))
    this.#state = { name: 'committing', temporary }
    const folder = dirname(this.#target)
    let kept: Kept = { status: 'skipped' }
    const commit = {
      fd,
      folder,
      openFolder: () => openSync(folder, 'r'),
      publish: () => {
        if (this.#state.name === 'over') return
        const path = publish(temporary, this.#target, this.#onExists)
        if (path === this.#target) kept = { status: 'received' }
        else if (path !== undefined) kept = { status: 'received', local: path }
        this.#state = { name: 'over' }
      },
      done: (error: unknown) => done(error === undefined ? kept : commitError(error, this.local)),
    }
    const closing = sink.close()
    if (closing === undefined) this.#site.commits.add(commit)
    else void closing.then(() => this.#site.commits.add(commit))
  }

  discard(): void {
    const state = this.#state
    this.#state = { name: 'over' }
    if (state.name === 'committing') removeQuietly(state.temporary)
    if (state.name !== 'open') return
    removeQuietly(state.temporary)
    const closing = state.sink.close()
    if (closing === undefined) closeSync(state.fd)
    else void closing.then(() => closeSync(state.fd))
  }

  get #usesThread(): boolean {
    return this.#facts !== undefined && this.#facts.size >= THREAD_SIZE
  }

  /**
   * Permission bits the file gets whatever the umask is; undefined for a new file, which has the remote ones
   * less the umask.
   */
  #exactMode(): number | undefined {
    if (this.#preserve !== undefined) return this.#facts?.mode
    // A file that is replaced keeps its permissions, as it would if it were written over.
    const isReplaced = this.#existing !== undefined && this.#onExists === 'overwrite'
    return isReplaced ? this.#existing?.mode : undefined
  }

  #setMetadata(fd: number): void {
    const mode = this.#exactMode()
    if (mode !== undefined) fchmodSync(fd, mode & 0o777)
    if (this.#preserve === undefined || this.#facts === undefined) return
    const mtime = new Date(Math.max(-MAX_TIME, Math.min(this.#facts.mtime, MAX_TIME)))
    futimesSync(fd, mtime, mtime)
  }

  #opened(): Extract<State, { name: 'open' }> {
    if (this.#state.name === 'open') return this.#state
    throw new FtpError('internal', 'a defect in this client: a download is not open')
  }

  #try<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      return this.#fail(error)
    }
  }

  #fail(error: unknown): never {
    const ours = fromLocalError(error, this.local)
    if (ours.code !== 'local-not-found') throw ours
    throw new FtpError('local-not-found', `${this.local}: its folder does not exist; make it first`, {
      path: this.local,
      cause: error,
    })
  }
}

function commitError(error: unknown, path: string): FtpError {
  if (!(error instanceof FolderSyncError)) return fromLocalError(error, path)
  const message = `${path}: it is complete, but its folder could not be synced: a loss of power may undo it`
  return new FtpError('local-io', message, { path, cause: error.cause })
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It has its name already, or its folder has gone with it.
  }
}

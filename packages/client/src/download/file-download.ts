import { randomBytes } from 'node:crypto'
import { closeSync, fchmodSync, futimesSync, openSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DigestAlgorithm } from '@jftp/protocol'
import {
  type ByteSink,
  FileSink,
  type GroupCommit,
  type Passed,
  THREAD_SIZE,
  type TransferThread,
} from '@jftp/transfer'
import type { OnExists } from '../call-options.js'
import type { Memory } from '../connection/dial.js'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import type { Download, Kept, RemoteFacts } from './download.js'
import { nameTaken, publish } from './publish.js'

/** What a connection lends to its downloads. */
export interface DownloadSite {
  readonly thread: TransferThread
  readonly commits: GroupCommit
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

const RUN = randomBytes(6).toString('hex')
let count = 0

/**
 * A local file: written beside its target under a name nobody asks for, durable and renamed when it is
 * complete and checked.
 */
export class FileDownload implements Download {
  readonly local: string
  readonly #site: DownloadSite
  readonly #onExists: OnExists
  readonly #preserve: 'times-and-mode' | undefined
  #existing: Stats | undefined
  #facts: RemoteFacts | undefined
  #state: State = { name: 'new' }

  constructor(path: string, site: DownloadSite, options: FileDownloadOptions) {
    this.local = path
    this.#site = site
    this.#onExists = options.onExists ?? 'overwrite'
    this.#preserve = options.preserve
  }

  get memory(): Memory {
    return this.#usesThread ? 'kept' : 'free'
  }

  prepare(): 'needed' | 'skipped' {
    const existing = this.#lookAtTarget()
    this.#existing = existing
    if (existing === undefined) return 'needed'
    if (existing.isDirectory()) {
      const message = `${this.local}: it is a folder; name the file to make in it`
      throw new FtpError('local-is-a-directory', message, { path: this.local })
    }
    if (!existing.isFile()) {
      const message = `${this.local}: it is no regular file and can't be replaced; write to it as a stream`
      throw new FtpError('local-not-a-file', message, { path: this.local })
    }
    if (this.#onExists === 'fail') throw nameTaken(this.local)
    return this.#onExists === 'skip' ? 'skipped' : 'needed'
  }

  open(facts: RemoteFacts, digest: DigestAlgorithm): void {
    this.#facts = facts
    const temporary = join(dirname(this.local), `.jftp-${RUN}-${count++}.part`)
    // What will not be for all eyes must never have been.
    const fd = this.#try(() => openSync(temporary, 'wx', this.#mode() === undefined ? 0o666 : 0o600))
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
    const folder = dirname(this.local)
    let kept: Kept = { status: 'skipped' }
    const commit = {
      fd,
      folder,
      openFolder: () => openSync(folder, 'r'),
      publish: () => {
        if (this.#state.name === 'over') return
        const local = publish(temporary, this.local, this.#onExists)
        if (local !== undefined) kept = { status: 'received', local }
        this.#state = { name: 'over' }
      },
      done: (error: unknown) => done(error === undefined ? kept : fromLocalError(error, this.local)),
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

  #lookAtTarget(): Stats | undefined {
    return this.#try(() => statSync(this.local, { throwIfNoEntry: false }))
  }

  /** Permission bits the file shall have; undefined: as the umask leaves a new file. */
  #mode(): number | undefined {
    if (this.#preserve !== undefined) return this.#facts?.mode
    // A file that is replaced keeps its permissions, as it would if it were written over.
    return this.#existing === undefined ? undefined : this.#existing.mode & 0o777
  }

  #setMetadata(fd: number): void {
    const mode = this.#mode()
    if (mode !== undefined) fchmodSync(fd, mode & 0o777)
    if (this.#preserve === undefined || this.#facts === undefined) return
    const mtime = new Date(this.#facts.mtime)
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

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It has its name already, or its folder has gone with it.
  }
}

import { lstatSync, openSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DigestAlgorithm } from '@jftp/protocol'
import {
  AtomicFile,
  conflictWith,
  type GroupCommit,
  type PartFiles,
  type PublishOutcome,
  THREAD_SIZE,
  type TransferSummary,
  type TransferThread,
} from '@jftp/transfer'
import type { OnExists } from '../call-options.js'
import type { Memory } from '../connection/dial.js'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError, notAFile } from '../errors/local-error.js'
import type { DownloadOutcome, DownloadSink, RemoteFacts } from './download-sink.js'
import { followLinks } from './link-target.js'

/** What a connection lends to its downloads. */
export interface DownloadResources {
  readonly thread: TransferThread
  readonly commits: GroupCommit
  readonly partFiles: PartFiles
}

export interface FileDownloadOptions {
  readonly onExists?: OnExists | undefined
  readonly preserve?: 'times-and-mode' | undefined
  readonly localLink?: 'follow' | 'replace' | undefined
}

/** A local file. If its path is a link, the file goes to where the link leads, as it does for a put, unless it is to replace the link. */
export class FileDownload implements DownloadSink {
  readonly local: string
  readonly #resources: DownloadResources
  readonly #onExists: Exclude<OnExists, 'newer'>
  readonly #skipsUnlessNewer: boolean
  readonly #localLink: 'follow' | 'replace'
  readonly #preserve: 'times-and-mode' | undefined
  /** Where links on `local` lead. */
  #target: string
  #existing: Stats | undefined
  #usesThread = false
  #file: AtomicFile | undefined

  constructor(path: string, resources: DownloadResources, options: FileDownloadOptions) {
    this.local = path
    this.#target = path
    this.#resources = resources
    const { onExists = 'overwrite', localLink = 'follow' } = options
    this.#skipsUnlessNewer = onExists === 'newer'
    this.#onExists = onExists === 'newer' ? 'overwrite' : onExists
    this.#localLink = localLink
    this.#preserve = options.preserve
  }

  get memory(): Memory {
    return this.#usesThread ? 'kept' : 'free'
  }

  prepare(): 'needed' | 'skipped' {
    const existing = this.#try(() => this.#lookAtTarget())
    const conflict = conflictWith(existing, this.#onExists)
    if (existing !== undefined && (conflict === 'folder' || conflict === 'special')) {
      throw notAFile(existing, this.local, 'get into it as a stream')
    }
    if (conflict === 'taken') throw nameTaken(this.local)
    this.#existing = existing
    return conflict === 'skip' ? 'skipped' : 'needed'
  }

  skips({ mtime }: RemoteFacts): boolean {
    return (
      this.#skipsUnlessNewer && this.#existing !== undefined && Math.floor(this.#existing.mtimeMs) >= mtime
    )
  }

  open({ size, mode, mtime }: RemoteFacts, digest: DigestAlgorithm): void {
    const { thread, commits, partFiles } = this.#resources
    const folder = dirname(this.#target)
    this.#usesThread = size >= THREAD_SIZE
    const options = {
      target: { path: this.#target, folderKey: folder, openFolder: () => openSync(folder, 'r') },
      staging: partFiles,
      commits,
      onExists: this.#onExists,
      replaced: this.#onExists === 'overwrite' ? this.#existing : undefined,
      digest,
      size,
      thread: this.#usesThread ? thread : undefined,
      mode: this.#preserve === undefined ? undefined : mode,
      createMode: mode,
      mtime: this.#preserve === undefined ? undefined : mtime,
    }
    this.#file = this.#try(() => new AtomicFile(options))
  }

  write(pieces: Uint8Array[], ownership: 'sole' | 'shared'): void | Promise<void> {
    // A thread takes a chunk away, so it gets a copy of one that is still needed here.
    const ours = ownership === 'sole' ? pieces : pieces.map((piece) => new Uint8Array(piece))
    const waiting = this.#try(() => this.#opened().write(ours))
    return waiting?.catch((error: unknown) => this.#fail(error))
  }

  finish(): TransferSummary | Promise<TransferSummary> {
    const passed = this.#try(() => this.#opened().finish())
    return passed instanceof Promise ? passed.catch((error: unknown) => this.#fail(error)) : passed
  }

  commit(done: (outcome: DownloadOutcome | FtpError) => void): void {
    this.#opened().commit((outcome) => done(this.#outcome(outcome)))
  }

  discard(): void {
    this.#file?.discard()
  }

  #outcome(outcome: PublishOutcome): DownloadOutcome | FtpError {
    switch (outcome.type) {
      case 'stored':
        return outcome.suffix === ''
          ? { status: 'received' }
          : { status: 'received', local: this.#target + outcome.suffix }
      case 'skipped':
        return { status: 'skipped' }
      case 'taken':
        return nameTaken(this.local)
      case 'not-durable':
        return notDurable(this.#target + outcome.suffix, outcome.cause)
      case 'failed':
        return fromLocalError(outcome.error, this.local)
    }
  }

  #lookAtTarget(): Stats | undefined {
    const own = lstatSync(this.local, { throwIfNoEntry: false })
    if (!own?.isSymbolicLink()) return own
    // Whoever replaces a link does not keep its permission bits.
    if (this.#localLink === 'replace' && this.#onExists === 'overwrite') return undefined
    if (this.#localLink === 'replace') return own
    this.#target = followLinks(this.local)
    return statSync(this.local, { throwIfNoEntry: false })
  }

  #opened(): AtomicFile {
    if (this.#file !== undefined) return this.#file
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

function nameTaken(path: string): FtpError {
  return new FtpError('local-exists', `${path}: the name is taken`, { path })
}

function notDurable(path: string, cause: unknown): FtpError {
  const message = `${path}: it is complete, but its folder could not be synced: a loss of power may undo it`
  return new FtpError('local-io', message, { path, cause })
}

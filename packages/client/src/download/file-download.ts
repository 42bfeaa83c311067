import { closeSync, openSync, type Stats, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DigestAlgorithm } from '@jftp/protocol'
import {
  AtomicFile,
  conflictWith,
  type FileStart,
  MIN_PART_SIZE,
  type PartSource,
  type StagedFile,
  THREAD_SIZE,
  type TransferSummary,
} from '@jftp/transfer'
import type { OnExists } from '../call-options.js'
import type { Memory } from '../connection/dial.js'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError, notAFile } from '../errors/local-error.js'
import { isCut } from './cut-download.js'
import type { DownloadResources } from './download-resources.js'
import type { DownloadOutcome, DownloadSink, DownloadStart, RemoteFacts } from './download-sink.js'
import type { FileDownloadOptions } from './file-download-options.js'
import { copyTarget, findLocalStart, type LocalStart, requireUnchanged } from './file-start-search.js'
import { lookAtTarget } from './local-target.js'
import { nameTaken, outcomeOf } from './publish-outcome.js'

/** How a download is stored. */
type Storing =
  | { readonly type: 'file'; readonly file: AtomicFile; readonly source: PartSource | undefined }
  /** The file that has the name is the one that was asked for. */
  | { readonly type: 'unchanged'; readonly start: FileStart }

/** A local file. If its path is a link, the file goes to where the link leads, as it does for a put, unless it is to replace the link. */
export class FileDownload implements DownloadSink {
  readonly local: string
  keeping: Promise<void> | undefined
  readonly #resources: DownloadResources
  readonly #onExists: Exclude<OnExists, 'newer' | 'resume'>
  readonly #options: FileDownloadOptions
  /** Where links on `local` lead. */
  #target: string
  #existing: Stats | undefined
  #usesThread = false
  #found: LocalStart | undefined
  #storing: Storing | undefined
  #received = 0

  constructor(path: string, resources: DownloadResources, options: FileDownloadOptions) {
    this.local = path
    this.#target = path
    this.#resources = resources
    this.#options = options
    const { onExists = 'overwrite' } = options
    this.#onExists = onExists === 'newer' || onExists === 'resume' ? 'overwrite' : onExists
  }

  get memory(): Memory {
    return this.#usesThread ? 'kept' : 'free'
  }

  get start(): DownloadStart | undefined {
    return this.#found?.asked
  }

  /** Looks for what there is of the file, so that only the rest has to be fetched. Call it before `prepare`. */
  async findStart(digest: DigestAlgorithm): Promise<void> {
    if (this.prepare() === 'skipped') return
    const from = this.#options.onExists === 'resume' ? 'part-or-target' : 'part'
    const { url } = this.#options
    try {
      const options = { target: this.#target, existing: this.#existing, url, digest, from } as const
      this.#found = await findLocalStart(this.#resources.partFiles, options)
    } catch (error) {
      this.#fail(error)
    }
  }

  prepare(): 'needed' | 'skipped' {
    const { localLink = 'follow' } = this.#options
    const { target, existing } = this.#try(() => lookAtTarget(this.local, localLink, this.#onExists))
    this.#target = target
    const conflict = conflictWith(existing, this.#onExists)
    if (existing !== undefined && (conflict === 'folder' || conflict === 'special')) {
      throw notAFile(existing, this.local, 'get into it as a stream')
    }
    if (conflict === 'taken') throw nameTaken(this.local)
    this.#existing = existing
    return conflict === 'skip' ? 'skipped' : 'needed'
  }

  skips({ mtime }: RemoteFacts): boolean {
    const existing = this.#existing
    if (this.#options.onExists !== 'newer' || existing === undefined) return false
    return Math.floor(existing.mtimeMs) >= mtime
  }

  /** A hidden file for all of it, to be filled in any order and then adopted. */
  stage({ size, mode = 0o666, mtime }: RemoteFacts): StagedFile {
    const { preserve, url } = this.#options
    // A file that gets its exact mode later must never have been readable by others.
    const firstMode = preserve === undefined && this.#existing === undefined ? mode & 0o777 : 0o600
    return this.#try(() => this.#resources.partFiles.create(firstMode, this.#target, { url, size, mtime }))
  }

  /** From here on the hidden file is what this download has. */
  adopt(staged: StagedFile, start: FileStart): void {
    const asked = { size: start.size, digest: start.digest, version: undefined }
    this.#found = { type: 'part', staged, start, asked }
  }

  /** Keeps the closed hidden file at `path`, which holds the beginning, to be continued. */
  keepPart(path: string, { size, mtime }: RemoteFacts): void {
    this.#resources.partFiles.keep(path, this.#target, { url: this.#options.url, size, mtime })
  }

  open({ size, mode, mtime }: RemoteFacts, digest: DigestAlgorithm, offset: number): void {
    const { thread, commits, partFiles } = this.#resources
    const { preserve, url } = this.#options
    const folder = dirname(this.#target)
    const source = size < MIN_PART_SIZE ? undefined : { url, size, mtime }
    const exactMode = preserve === undefined ? undefined : mode
    this.#received = offset
    this.#try(() => {
      const continued = this.#continued(offset, size, source, exactMode ?? mode)
      if (continued === 'unchanged') return
      this.#usesThread = size >= THREAD_SIZE && continued === undefined
      const file = new AtomicFile({
        target: { path: this.#target, folderKey: folder, openFolder: () => openSync(folder, 'r') },
        staging: { create: (firstMode, target) => partFiles.create(firstMode, target, source) },
        commits,
        onExists: this.#onExists,
        replaced: this.#onExists === 'overwrite' ? this.#existing : undefined,
        digest,
        size,
        thread: this.#usesThread ? thread : undefined,
        continued,
        mode: exactMode,
        createMode: mode,
        mtime: preserve === undefined ? undefined : mtime,
      })
      this.#storing = { type: 'file', file, source }
    })
  }

  write(pieces: Uint8Array[], ownership: 'sole' | 'shared'): void | Promise<void> {
    // A thread takes a chunk away, so it gets a copy of one that is still needed here.
    const ours = ownership === 'sole' ? pieces : pieces.map((piece) => new Uint8Array(piece))
    for (const piece of ours) this.#received += piece.length
    const waiting = this.#try(() => this.#file().write(ours))
    return waiting?.catch((error: unknown) => this.#fail(error))
  }

  finish(): TransferSummary | Promise<TransferSummary> {
    if (this.#storing?.type === 'unchanged') {
      const { size, digester } = this.#storing.start
      return { size, digest: digester.digest() }
    }
    const passed = this.#try(() => this.#file().finish())
    return passed instanceof Promise ? passed.catch((error: unknown) => this.#fail(error)) : passed
  }

  commit(done: (outcome: DownloadOutcome | FtpError) => void): void {
    if (this.#storing?.type === 'unchanged') done({ status: 'unchanged' })
    else {
      const paths = { local: this.local, target: this.#target }
      this.#file().commit((outcome) => done(outcomeOf(outcome, paths)))
    }
  }

  discard(error: FtpError): void {
    const { partFiles } = this.#resources
    const found = this.#found
    this.#found = undefined
    if (found?.type === 'part') {
      // It was not used. It stays for the next time.
      const { size, mtime } = found.asked.version ?? { size: 0, mtime: 0 }
      closeSync(found.staged.fd)
      partFiles.keep(found.staged.path, this.#target, { url: this.#options.url, size, mtime })
    }
    if (this.#storing?.type !== 'file') return
    const { file, source } = this.#storing
    if (source === undefined || this.#received < MIN_PART_SIZE || !isCut(error)) {
      return file.discard()
    }
    const keeping = file.keep((path) => partFiles.keep(path, this.#target, source))
    if (!(keeping instanceof Promise)) return
    this.keeping = keeping.catch(() => {})
    this.#resources.waitFor(this.keeping)
  }

  /** What is there of the file, open for writing behind it; undefined if the download begins anew. */
  #continued(
    offset: number,
    size: number,
    source: PartSource | undefined,
    mode: number | undefined,
  ): { staged: StagedFile; start: FileStart } | 'unchanged' | undefined {
    const found = this.#found
    this.#found = undefined
    if (found?.type === 'part' && (offset === 0 || source === undefined)) {
      // The server has another version by now.
      closeSync(found.staged.fd)
      unlinkSync(found.staged.path)
    }
    if (found === undefined || offset === 0) return undefined
    if (found.type === 'part') return found
    if (offset === size) {
      requireUnchanged(found.stat, this.#target)
      this.#storing = { type: 'unchanged', start: found.start }
      return 'unchanged'
    }
    const staged = this.#resources.partFiles.create((mode ?? 0o600) & 0o777, this.#target, source)
    copyTarget(found, this.#target, staged)
    return { staged, start: found.start }
  }

  #file(): AtomicFile {
    if (this.#storing?.type === 'file') return this.#storing.file
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

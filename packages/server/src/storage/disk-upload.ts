import { lstatSync } from 'node:fs'
import { ProtocolError } from '@jftp/protocol'
import type { AtomicFile, PublishOutcome, TransferSummary } from '@jftp/transfer'
import type { FileVersion } from './digest-table.js'
import { taken, toProtocolError } from './disk-error.js'
import { notDurable } from './folder.js'
import { type KeptDigests, MIN_KEPT_SIZE } from './kept-digests.js'
import type { PendingCommits } from './pending-commits.js'
import type { ResumableStage } from './resumable-stage.js'
import type { CommitOutcome, Upload } from './storage.js'
import type { ClaimedUpload, UploadClaims } from './upload-claims.js'
import type { UploadTarget } from './upload-target.js'

/** Milliseconds without a byte after which another upload of the same source may go on with what came. */
const QUIET = 1_000

/** The staged file of an upload that can be continued, and from how many bytes on it is worth keeping. */
export interface KeptStage {
  readonly file: ResumableStage
  readonly minSize: number
  readonly claims: UploadClaims
}

/** One upload to the disk. Its errors are those of the protocol. */
export class DiskUpload implements Upload, ClaimedUpload {
  readonly start: TransferSummary | undefined
  readonly #target: UploadTarget
  readonly #file: AtomicFile
  readonly #pending: PendingCommits
  readonly #stage: KeptStage | undefined
  /** `yielded`: another upload goes on with what came. */
  #state: 'open' | 'yielded' | 'over' = 'open'
  #lastWrite = performance.now()
  readonly #digests: KeptDigests | undefined
  #received: { readonly version: FileVersion; readonly summary: TransferSummary } | undefined

  /** `stage` is that of an upload which can be continued if it is cut. */
  constructor(
    target: UploadTarget,
    file: AtomicFile,
    pending: PendingCommits,
    start: TransferSummary | undefined,
    stage: KeptStage | undefined,
    digests: KeptDigests | undefined,
  ) {
    this.start = start
    this.#target = target
    this.#file = file
    this.#pending = pending
    this.#stage = stage
    this.#digests = digests
    stage?.claims.add(stage.file.partial, this)
  }

  write(pieces: Uint8Array[]): void | Promise<void> {
    const bytes = this.#stage === undefined ? 0 : pieces.reduce((sum, { length }) => sum + length, 0)
    this.#lastWrite = performance.now()
    return this.#guard(() => {
      this.#requireOpen()
      const waiting = this.#file.write(pieces)
      return this.#stage?.file.wrote(bytes) ?? waiting
    })
  }

  finish(): TransferSummary | Promise<TransferSummary> {
    if (this.#stage !== undefined) return this.#settle(this.#stage.file)
    return this.#guard(() => this.#finishFile())
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    const end = this.#pending.begin(this.#target.key)
    this.#file.commit((outcome) => {
      if (outcome.type === 'stored') this.#keepDigest(outcome.suffix)
      this.#target.folder.close()
      if (outcome.type === 'stored') this.#stage?.file.forget()
      end()
      done(this.#outcome(outcome))
    })
  }

  yieldIfQuiet(): void {
    if (this.#state !== 'open' || performance.now() - this.#lastWrite < QUIET) return
    const keeping = this.keep()
    this.#state = 'yielded'
    // If it can't be kept, the other upload begins anew.
    keeping.catch(() => {})
  }

  async keep(): Promise<void> {
    const { file, minSize } = this.#stage ?? {}
    if (this.#state === 'yielded') return
    if (file === undefined || minSize === undefined || file.size < minSize) return this.discard()
    this.#leave()
    try {
      await file.prepareToKeep()
    } catch {
      // What can't be synced can't be trusted.
      return this.#drop()
    }
    try {
      await this.#file.keep((path) => file.keep(path))
    } catch (error) {
      throw toProtocolError(error, this.#target.askedPath)
    } finally {
      this.#target.folder.close()
    }
  }

  discard(): void {
    if (this.#state === 'yielded') return
    this.#leave()
    this.#drop()
  }

  #drop(): void {
    this.#stage?.file.stop()
    this.#file.discard()
    this.#target.folder.close()
  }

  /** Nobody else can go on with it any more. */
  #leave(): void {
    this.#state = 'over'
    this.#stage?.claims.remove(this.#stage.file.partial, this)
  }

  #requireOpen(): void {
    if (this.#state !== 'yielded') return
    throw new ProtocolError('cancelled', 'another upload of the same file goes on with what came')
  }

  async #settle(stage: ResumableStage): Promise<TransferSummary> {
    try {
      this.#requireOpen()
      this.#leave()
      await stage.settle()
      return await this.#finishFile()
    } catch (error) {
      throw toProtocolError(error, this.#target.askedPath)
    }
  }

  #finishFile(): TransferSummary | Promise<TransferSummary> {
    const summary = this.#file.finish()
    return summary instanceof Promise ? summary.then((each) => this.#seal(each)) : this.#seal(summary)
  }

  #seal(summary: TransferSummary): TransferSummary {
    const { size, digest } = summary
    if (this.#digests === undefined || digest === undefined || size < MIN_KEPT_SIZE) return summary
    this.#received = { version: this.#file.seal(), summary }
    return summary
  }

  #keepDigest(suffix: string): void {
    if (this.#received === undefined) return
    const { version, summary } = this.#received
    const published = lstatSync(this.#target.path + suffix, { bigint: true, throwIfNoEntry: false })
    if (published !== undefined) this.#digests?.keepUpload(version, published, summary.digest)
  }

  #outcome(outcome: PublishOutcome): CommitOutcome {
    switch (outcome.type) {
      case 'stored':
        return { type: 'stored', path: this.#storedPath(outcome.suffix) }
      case 'skipped':
        return { type: 'skipped' }
      case 'taken':
        return { type: 'failed', error: taken(this.#target.askedPath) }
      case 'not-durable':
        return { type: 'failed', error: notDurable(outcome.cause, this.#storedPath(outcome.suffix)) }
      case 'failed':
        return { type: 'failed', error: toProtocolError(outcome.error, this.#target.askedPath) }
    }
  }

  /** A renamed file is beside what a link leads to, and not beside the link. */
  #storedPath(suffix: string): string {
    return suffix === '' ? this.#target.askedPath : this.#target.remotePath + suffix
  }

  #guard<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      throw toProtocolError(error, this.#target.askedPath)
    }
  }
}

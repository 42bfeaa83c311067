import type { AtomicFile, PublishOutcome, TransferSummary } from '@jftp/transfer'
import { taken, toProtocolError } from './disk-error.js'
import { notDurable } from './folder.js'
import type { PendingCommits } from './pending-commits.js'
import type { CommitOutcome, Upload } from './storage.js'
import type { UploadTarget } from './upload-target.js'

/** One upload to the disk. Its errors are those of the protocol. */
export class DiskUpload implements Upload {
  readonly #target: UploadTarget
  readonly #file: AtomicFile
  readonly #pending: PendingCommits
  readonly #keepPartial: (staged: string) => void

  /** `keepPartial` gets the path of a staged file that is to be continued later. */
  constructor(
    target: UploadTarget,
    file: AtomicFile,
    pending: PendingCommits,
    keepPartial: (staged: string) => void,
  ) {
    this.#target = target
    this.#file = file
    this.#pending = pending
    this.#keepPartial = keepPartial
  }

  write(pieces: Uint8Array[]): void | Promise<void> {
    return this.#guard(() => this.#file.write(pieces))
  }

  finish(): TransferSummary | Promise<TransferSummary> {
    return this.#guard(() => this.#file.finish())
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    const end = this.#pending.begin(this.#target.key)
    this.#file.commit((outcome) => {
      this.#target.folder.close()
      end()
      done(this.#outcome(outcome))
    })
  }

  async keep(): Promise<void> {
    try {
      await this.#file.keep(this.#keepPartial)
    } catch (error) {
      throw toProtocolError(error, this.#target.askedPath)
    } finally {
      this.#target.folder.close()
    }
  }

  discard(): void {
    this.#file.discard()
    this.#target.folder.close()
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

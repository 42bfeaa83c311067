import { lstatSync } from 'node:fs'
import type { AtomicFile, PublishOutcome, TransferSummary } from '@jftp/transfer'
import type { FileVersion } from './digest-table.js'
import { taken, toProtocolError } from './disk-error.js'
import { notDurable } from './folder.js'
import { type KeptDigests, MIN_KEPT_SIZE } from './kept-digests.js'
import type { PendingCommits } from './pending-commits.js'
import type { CommitOutcome, Upload } from './storage.js'
import type { UploadTarget } from './upload-target.js'

/** One upload to the disk. Its errors are those of the protocol. */
export class DiskUpload implements Upload {
  readonly #target: UploadTarget
  readonly #file: AtomicFile
  readonly #pending: PendingCommits
  readonly #keepPartial: (staged: string) => void
  readonly #digests: KeptDigests | undefined
  #received: { readonly version: FileVersion; readonly summary: TransferSummary } | undefined

  /** `keepPartial` gets the path of a staged file that is to be continued later. */
  constructor(
    target: UploadTarget,
    file: AtomicFile,
    pending: PendingCommits,
    keepPartial: (staged: string) => void,
    digests: KeptDigests | undefined,
  ) {
    this.#target = target
    this.#file = file
    this.#pending = pending
    this.#keepPartial = keepPartial
    this.#digests = digests
  }

  write(pieces: Uint8Array[]): void | Promise<void> {
    return this.#guard(() => this.#file.write(pieces))
  }

  finish(): TransferSummary | Promise<TransferSummary> {
    return this.#guard(() => {
      const summary = this.#file.finish()
      return summary instanceof Promise ? summary.then((each) => this.#seal(each)) : this.#seal(summary)
    })
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    const end = this.#pending.begin(this.#target.key)
    this.#file.commit((outcome) => {
      if (outcome.type === 'stored') this.#keepDigest(outcome.suffix)
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

  #seal(summary: TransferSummary): TransferSummary {
    if (this.#digests === undefined || summary.size < MIN_KEPT_SIZE) return summary
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

import { fdatasync } from 'node:fs'
import { promisify } from 'node:util'
import type { StagingArea } from '@jftp/transfer'
import { type PartialSource, partialName, stagedLabel } from './partial-name.js'
import type { Partials, TakenPartial } from './partials.js'
import type { LabelledFile, Staging } from './staging.js'

/** Bytes after which a staged file is synced again: 8 MiB. */
const SYNC_PIECE = 8 * 1024 * 1024

/** The most that is not synced: what a killed daemon costs. */
const MAX_UNSYNCED = 2 * SYNC_PIECE

const sync = promisify(fdatasync)

/**
 * The staged file of an upload that can be continued. While it grows it is synced in the background, and its name says
 * how far. If its daemon is killed, the next one finds it and can trust it that far.
 */
export class ResumableStage implements StagingArea {
  readonly #partials: Partials
  readonly #staging: Staging
  readonly #source: PartialSource
  #file: LabelledFile | undefined
  #written = 0
  #synced = 0
  #syncing: Promise<void> | undefined
  #failure: Error | undefined
  #isOver = false

  constructor(partials: Partials, staging: Staging, source: PartialSource, taken: TakenPartial | undefined) {
    this.#partials = partials
    this.#staging = staging
    this.#source = source
    if (taken === undefined) return
    this.#file = taken.staged
    this.#written = taken.start.size
    this.#synced = taken.start.size
  }

  create(mode: number): LabelledFile {
    this.#file = this.#staging.createLabelled(mode, stagedLabel(this.#source, 0))
    return this.#file
  }

  /** What would be kept of it. */
  get partial(): string {
    return partialName(this.#source)
  }

  /** Bytes it holds. */
  get size(): number {
    return this.#written
  }

  /** To be called after each write. Returns a promise if the disk is so far behind that no more should come. */
  wrote(bytes: number): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure
    this.#written += bytes
    const unsynced = this.#written - this.#synced
    if (unsynced < SYNC_PIECE) return undefined
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined
    })
    return unsynced < MAX_UNSYNCED ? undefined : this.#syncing
  }

  /**
   * Resolves when nothing is being synced. Throws what syncing failed with: the system tells that only once, so a
   * later sync of the same file may pass for a success.
   */
  async settle(): Promise<void> {
    await this.#syncing
    this.#isOver = true
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Syncs what came, so that all of it can be trusted. The file must still be open. */
  async prepareToKeep(): Promise<void> {
    await this.#syncing
    await this.#sync()
    await this.settle()
  }

  /** Makes a partial of the closed file at `path`. */
  keep(path: string): void {
    this.#partials.keep(this.#source, path)
  }

  /** The whole file was stored, so an earlier part of it is of no use any more. */
  forget(): void {
    this.#partials.drop(this.#source.key)
  }

  /** The name does not change any more. */
  stop(): void {
    this.#isOver = true
  }

  async #sync(): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    const size = this.#written
    try {
      await sync(file.fd)
      if (this.#isOver) return
      file.relabel(stagedLabel(this.#source, size))
      this.#synced = size
    } catch (error) {
      if (!this.#isOver) this.#failure = error as Error
    }
  }
}

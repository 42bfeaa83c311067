import type { DigestAlgorithm } from '@jftp/protocol'
import type { TransferOptions } from '../call-options.js'
import type { FtpClient } from '../client.js'
import { isFinal } from '../errors/final-error.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { TransferResult } from '../transfer-result.js'
import type { NameFilter } from './name-filter.js'
import { SortedEntries } from './sorted-entries.js'
import type { SyncEvent, SyncItem, SyncOptions } from './sync-options.js'
import { planSync, type SyncStep } from './sync-plan.js'
import type { SyncSide } from './sync-side.js'
import { SyncTally } from './sync-tally.js'
import { parentOf, type TreeEntry } from './tree-entry.js'

/** What one sync works on. */
export interface SyncParts {
  readonly source: SyncSide
  readonly target: SyncSide
  readonly filter: NameFilter
  readonly digest: Exclude<DigestAlgorithm, 'none'>
  readonly client: FtpClient
  /** Sends one file from the source to the target. */
  send(
    client: FtpClient,
    item: SyncItem,
    source: TreeEntry,
    options: Pick<TransferOptions, 'signal' | 'onProgress'>,
  ): Promise<TransferResult>
}

/** What the steps of one sync share. */
export class SyncWork implements Disposable {
  readonly parts: SyncParts
  readonly options: SyncOptions
  readonly sourceEntries = new SortedEntries()
  readonly targetEntries = new SortedEntries()
  readonly tally: SyncTally
  readonly #blocked = new Set<string>()

  constructor(parts: SyncParts, options: SyncOptions) {
    this.parts = parts
    this.options = options
    this.tally = new SyncTally(options.onEvent)
  }

  [Symbol.dispose](): void {
    this.sourceEntries[Symbol.dispose]()
    this.targetEntries[Symbol.dispose]()
  }

  /** The comparison of both trees. It is made anew each time, because it may be too long to be kept. */
  plan(): Generator<SyncStep, void> {
    return planSync(this.sourceEntries, this.targetEntries)
  }

  item(path: string): SyncItem {
    const { source, target } = this.parts
    const [local, remote] = source.name === 'local' ? [source, target] : [target, source]
    return { path, local: local.pathOf(path), remote: remote.pathOf(path) }
  }

  tell(event: SyncEvent): Promise<void> {
    return this.tally.tell(event)
  }

  fail(error: FtpError, item?: SyncItem): Promise<void> {
    return this.tell({ type: 'failed', item, error })
  }

  /** Does something and tells if it fails. Throws only what ends the whole sync. */
  async attempt(item: SyncItem, work: () => Promise<void>): Promise<'done' | 'failed'> {
    try {
      await work()
      return 'done'
    } catch (cause) {
      const error = toFtpError(cause, item.remote)
      if (isFinal(error)) throw error
      await this.fail(error, item)
      return 'failed'
    }
  }

  /** Like `attempt`, but nothing is done if the sync is only planned. */
  async change(item: SyncItem, work: () => Promise<void>): Promise<'done' | 'failed'> {
    return this.options.mode === 'plan' ? 'done' : this.attempt(item, work)
  }

  /** Nothing at or below `path` can be made in the target. */
  block(path: string): void {
    this.#blocked.add(path)
  }

  isBlocked(path: string): boolean {
    if (this.#blocked.size === 0) return false
    for (let name = path; name !== ''; name = parentOf(name)) if (this.#blocked.has(name)) return true
    return false
  }
}

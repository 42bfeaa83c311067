import type { DigestAlgorithm } from '@jftp/protocol'
import type { CallOptions, OnExists } from '../call-options.js'
import type { FtpError } from '../errors/ftp-error.js'
import type { Progress } from '../progress.js'
import type { TransferResult } from '../transfer-result.js'
import type { DecisionOptions } from './decision.js'
import type { FilterRule } from './name-filter.js'

/** The two trees of a sync or a diff: what is in the folder `local`, and what is in the folder `remote`. */
export interface SyncRoots {
  readonly local: string
  readonly remote: string
  /** `up` makes the remote tree like the local one, `down` the local one like the remote one. */
  readonly direction: 'up' | 'down'
}

export interface DiffOptions extends CallOptions {
  /** Which names the comparison is about; all by default. See FilterRule. */
  readonly filters?: readonly FilterRule[] | undefined
  /** The digest that contents are compared by; that of the connection by default. */
  readonly digest?: DigestAlgorithm | undefined
}

export interface SyncOptions extends DiffOptions {
  /** How many connections share the files, this one included; 1 by default. */
  readonly connections?: number | undefined
  /** How files are compared: see DecisionOptions. `size-and-time` by default. */
  readonly comparison?: DecisionOptions['comparison'] | undefined
  /** What is done with a file in the target that differs; `overwrite` by default. */
  readonly onExists?: OnExists | undefined
  /** Milliseconds since 1970: only files that were changed later are sent. */
  readonly newerThan?: number | undefined
  /**
   * `extra` deletes what only the target has, and what is there in the way of a file or folder of the source. It is
   * done last, and only if nothing has failed before. Without it nothing is deleted.
   */
  readonly delete?: 'extra' | undefined
  /** If more names would be deleted, none is. */
  readonly maxDelete?: number | undefined
  /** `plan` compares, tells what would be done, and changes nothing. */
  readonly mode?: 'run' | 'plan' | undefined
  /** Is told of everything that is done, in the order in which it ends. If it throws, the sync ends. */
  readonly onEvent?: ((event: SyncEvent) => void | Promise<void>) | undefined
  /** Called as the bytes of a file pass. If it throws, that transfer fails. */
  readonly onProgress?: ((item: SyncItem, progress: Progress) => void) | undefined
}

/** A file or folder that a sync is about: its path below both roots, and its whole path on each side. */
export interface SyncItem {
  readonly path: string
  readonly local: string
  readonly remote: string
}

/** What a sync does, or would do if its mode is `plan`. */
export type SyncEvent =
  /** Both trees were read. `deletions` counts the names that are to be deleted, `files` those of the source. */
  | { readonly type: 'compared'; readonly files: number; readonly deletions: number }
  | { readonly type: 'folder'; readonly item: SyncItem }
  /** A transfer begins; not told if the mode is `plan`. */
  | { readonly type: 'begun'; readonly item: SyncItem; readonly size: number }
  /** `result` is absent if the mode is `plan`. */
  | {
      readonly type: 'transferred'
      readonly item: SyncItem
      readonly size: number
      readonly result?: TransferResult
    }
  | { readonly type: 'unchanged' | 'skipped'; readonly item: SyncItem; readonly size: number }
  | { readonly type: 'deleted'; readonly item: SyncItem; readonly kind: 'folder' | 'file' }
  /** A link, a device or the like in the source: it is not sent, and its name in the target is left alone. */
  | { readonly type: 'left-out'; readonly item: SyncItem; readonly kind: 'link' | 'other' }
  /** Something has failed before, so nothing of `count` names was deleted. */
  | { readonly type: 'not-deleted'; readonly count: number }
  | { readonly type: 'failed'; readonly item: SyncItem | undefined; readonly error: FtpError }

/** What a sync came to. */
export interface SyncResult {
  /** Files of the source that were considered. */
  readonly files: number
  readonly transferred: number
  readonly unchanged: number
  readonly skipped: number
  /** Names that were deleted in the target. */
  readonly deleted: number
  /** Whatever failed: files, folders, deletions. */
  readonly failed: number
  /** Why they failed; the first thousand. */
  readonly failures: readonly FtpError[]
  readonly bytes: number
}

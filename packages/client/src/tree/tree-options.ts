import type { Entry } from '@jftp/protocol'
import type { GetOptions, PutOptions } from '../call-options.js'
import type { FtpError } from '../errors/ftp-error.js'
import type { Progress } from '../progress.js'
import type { TransferResult } from '../transfer-result.js'

/** Two names of one tree, or of one file: where it is and where it goes. */
export interface TreePair {
  readonly remote: string
  readonly local: string
}

/** A file of a tree. */
export interface TreeFile {
  /** The remote path. */
  readonly path: string
  readonly local: string
  /** Bytes, as the walk found it. */
  readonly size: number
}

/** What the walk found, for `select`. */
export interface TreeName {
  /** Names below the top of the tree, joined by `/`. */
  readonly path: string
  readonly type: Entry['type']
}

/** What happens to a tree, in the order in which it happens. */
export type TreeEvent =
  /** The walk found a file that is to be moved. */
  | { readonly type: 'found'; readonly file: TreeFile }
  /** The walk is over: no more files will be found. */
  | { readonly type: 'walked' }
  | { readonly type: 'began'; readonly file: TreeFile }
  | { readonly type: 'progress'; readonly file: TreeFile; readonly progress: Progress }
  | { readonly type: 'ended'; readonly file: TreeFile; readonly result: TransferResult }
  /** `file` is absent if it is about something else: a folder that can't be read, a name that can't be sent. */
  | { readonly type: 'failed'; readonly file?: TreeFile; readonly error: FtpError }
  /** A link or a special file was left out. `path` is that on the side of the source. */
  | { readonly type: 'left-out'; readonly path: string; readonly reason: string }

type TransferChoices = 'signal' | 'digest' | 'onExists' | 'preserve'

interface TreeOptions {
  /** How many connections share the files, this one included; 1 by default. */
  readonly connections?: number | undefined
  /** Whether a name is taken. A folder that is not is not walked. */
  readonly select?: ((name: TreeName) => boolean) | undefined
  /** Is told all that happens. The next file is not begun before what it returns has resolved. */
  readonly onEvent?: ((event: TreeEvent) => void | Promise<void>) | undefined
}

/** The options of `getTrees`. */
export interface GetTreeOptions extends TreeOptions, Pick<GetOptions, TransferChoices> {
  /**
   * `follow`, the default, takes what links lead to, inside the server's root; other links are left out. `keep`
   * makes the same links here.
   */
  readonly links?: 'follow' | 'keep' | undefined
}

/** Links are followed inside the tree; other links are left out. */
export interface PutTreeOptions extends TreeOptions, Pick<PutOptions, TransferChoices | 'mode'> {}

/** How a tree went. A file that failed does not end it. */
export interface TreeResult {
  /** Files by what became of them. */
  readonly sent: number
  readonly received: number
  readonly skipped: number
  readonly unchanged: number
  /** Files that failed, and other names that did. */
  readonly failed: number
  /** Bytes that were moved. */
  readonly bytes: number
  readonly ms: number
}

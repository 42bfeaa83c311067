import type { TransferOptions } from '../call-options.js'
import type { FtpClient } from '../client.js'
import type { FtpError } from '../errors/ftp-error.js'
import type { TransferResult } from '../transfer-result.js'
import type { TreeFile } from './tree-options.js'

/**
 * What a walk finds is to be done. A walk is a stream of pages of these, because a promise for each one was measured to
 * cost as much as to look at the file.
 */
export type TreeStep =
  | {
      readonly type: 'file'
      readonly file: TreeFile
      run(client: FtpClient, options: Pick<TransferOptions, 'signal' | 'onProgress'>): Promise<TransferResult>
      /** Called when the file is done with, however it went. Returns what is to be done now. */
      over?(): readonly NextStep[]
    }
  /** Something else to be done on the server. */
  | (CallStep & { over?(): readonly NextStep[] })
  | { readonly type: 'failed'; readonly error: FtpError }
  | { readonly type: 'left-out'; readonly path: string; readonly reason: string }

export interface CallStep {
  readonly type: 'call'
  run(client: FtpClient, signal: AbortSignal): Promise<void>
}

/** What the end of one step brings about. */
export type NextStep = CallStep | Extract<TreeStep, { type: 'failed' }>

export type FileStep = Extract<TreeStep, { type: 'file' }>

import type { PutOptions } from './call-options.js'

/** `file` if somebody has just seen that a regular file has the name, so that it need not be looked at again. */
export type LocalKind = 'file' | 'unknown'

/** What a walk of local folders adds to the options of each put. */
export interface WalkedPutOptions extends PutOptions {
  readonly localKind?: LocalKind
}

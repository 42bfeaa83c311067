import type { Digest } from '@jftp/protocol'

/** A transfer that was done and checked. */
export interface TransferResult {
  /** The remote path, as the server stored or found it: of a put with `onExists: 'rename'`, the name it got. */
  readonly path: string
  /** The local path, if one side of the transfer was one: of a get with `onExists: 'rename'`, the name it got. */
  readonly local?: string
  /** Bytes of content; 0 if nothing had to be sent. */
  readonly bytes: number
  /** Both ends have the same; undefined if `digest` was `none` (unverified) or nothing was sent. */
  readonly digest: Digest | undefined
  /**
   * `skipped`: the name was taken, and `onExists` was `skip` or `newer`. `unchanged`: the file that is there was compared
   * and is equal.
   */
  readonly status: 'sent' | 'received' | 'skipped' | 'unchanged'
  /** The offset from which the transfer went on; 0 if it began at the beginning. */
  readonly resumedFrom: number
  /** Milliseconds from the request to the last answer. */
  readonly ms: number
}

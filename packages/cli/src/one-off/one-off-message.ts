import type { Digest } from '@jftp/protocol'

/** What is asked of `ftpd one-off`. */
export type OneOffRequest = (
  | { readonly type: 'share'; readonly paths: readonly string[] }
  | { readonly type: 'receive'; readonly folder: string }
) & {
  /** The address to listen on. */
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  readonly timeLimitMs: number
}

/** What `ftpd one-off` tells. The same type with its comments is in the package of the server, which `ftp` only starts. */
export type OneOffMessage =
  | ReadyMessage
  | { readonly type: 'joined'; readonly client: string }
  | LeftMessage
  | { readonly type: 'refused'; readonly client: string; readonly reason: string }
  | { readonly type: 'progress'; readonly transfers: readonly TransferPosition[] }
  | TransferredMessage
  | { readonly type: 'cut'; readonly path: string; readonly reason: string }
  | { readonly type: 'ended'; readonly reason: 'complete' | 'time-limit' | 'stopped' }
  | { readonly type: 'failed'; readonly code: 'usage' | 'local-io'; readonly reason: string }

export interface ReadyMessage {
  readonly type: 'ready'
  readonly port: number
  readonly token: string
  readonly fingerprint: string
  readonly names: readonly string[]
  readonly files: number
  readonly bytes: number
}

export interface LeftMessage {
  readonly type: 'left'
  readonly client: string
  readonly filesLeft: number
  readonly bytesLeft: number
}

export interface TransferPosition {
  readonly path: string
  readonly bytes: number
  readonly size?: number
}

export interface TransferredMessage {
  readonly type: 'transferred'
  readonly path: string
  readonly bytes: number
  readonly ms: number
  readonly digest?: Digest
}

import type { Digest } from './digest.js'

/** What `ftp share` and `ftp receive` ask of `ftpd one-off`: one line of JSON on its stdin. */
export type OneOffRequest = (
  | {
      /** Lets these files and folders be downloaded once. */
      readonly type: 'share'
      readonly paths: readonly string[]
    }
  | {
      /** Lets somebody upload into this folder once. */
      readonly type: 'receive'
      readonly folder: string
    }
) & {
  /** The address to listen on. */
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** After so many milliseconds nobody may begin any more. */
  readonly timeLimitMs: number
}

/** What `ftpd one-off` tells whoever has started it: each is one line of JSON on stdout. */
export type OneOffMessage =
  /** It listens. The token lets in; nobody else is told it. */
  | {
      readonly type: 'ready'
      readonly port: number
      readonly token: string
      /** Of the certificate: `sha256:` and hex. */
      readonly fingerprint: string
      /** The names under `/` that are shared; none if files are received. */
      readonly names: readonly string[]
      /** How many files there are in them, and how many bytes. */
      readonly files: number
      readonly bytes: number
    }
  /** Somebody who has the token is there. */
  | { readonly type: 'joined'; readonly client: string }
  /** They have left, and nobody else is there. What nobody has downloaded yet is left. */
  | {
      readonly type: 'left'
      readonly client: string
      readonly filesLeft: number
      readonly bytesLeft: number
    }
  /** Somebody was turned away. */
  | { readonly type: 'refused'; readonly client: string; readonly reason: string }
  /** How far the transfers under way are. */
  | { readonly type: 'progress'; readonly transfers: readonly TransferPosition[] }
  /** One file has passed whole. It is told again if its client was cut off and somebody fetches it anew. */
  | {
      readonly type: 'transferred'
      readonly path: string
      readonly bytes: number
      readonly ms: number
      readonly digest?: Digest | undefined
    }
  /** A transfer has failed; it may be tried again. */
  | { readonly type: 'cut'; readonly path: string; readonly reason: string }
  /** The last message. Nothing listens any more, and nothing is left on the disk. */
  | { readonly type: 'ended'; readonly reason: 'complete' | 'time-limit' | 'stopped' }
  /**
   * The last message if it could not start: something else has to be asked for (`usage`), or something on this machine has
   * to be changed first.
   */
  | { readonly type: 'failed'; readonly code: 'usage' | 'local-io'; readonly reason: string }

/** The messages of one type. */
export type OneOffMessageOf<T extends OneOffMessage['type']> = Extract<OneOffMessage, { type: T }>

export interface TransferPosition {
  readonly path: string
  readonly bytes: number
  /** Of the whole file, if it is known. */
  readonly size?: number | undefined
}

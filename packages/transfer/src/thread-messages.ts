import type { Digest, DigestAlgorithm, WireError } from '@jftp/protocol'

/** Pieces of one ArrayBuffer, so that it crosses to the other thread once, whole and uncopied. */
export interface Chunk {
  readonly buffer: ArrayBuffer
  /** Pairs of offset and length. */
  readonly ranges: readonly number[]
}

/** What the main thread asks of the transfer thread. `id` names one source or sink. */
export type ThreadRequest =
  | { readonly type: 'source'; readonly id: number; readonly fd: number; readonly alg: DigestAlgorithm }
  | { readonly type: 'sink'; readonly id: number; readonly fd: number; readonly alg: DigestAlgorithm }
  | { readonly type: 'recycle'; readonly id: number; readonly buffer: ArrayBuffer }
  | { readonly type: 'write'; readonly id: number; readonly chunks: readonly Chunk[] }
  | { readonly type: 'finish'; readonly id: number }
  | { readonly type: 'close'; readonly id: number }

/** What the transfer thread answers. */
export type ThreadReply =
  | { readonly type: 'piece'; readonly id: number; readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly type: 'last'; readonly id: number }
  | {
      readonly type: 'written'
      readonly id: number
      readonly bytes: number
      readonly buffers: readonly ArrayBuffer[]
    }
  | {
      readonly type: 'finished'
      readonly id: number
      readonly size: number
      readonly digest: Digest | undefined
    }
  | { readonly type: 'failed'; readonly id: number; readonly error: ThreadError }
  | { readonly type: 'closed'; readonly id: number }

/** An error on its way between threads: a clone of an Error would lose its code. */
export type ThreadError =
  | { readonly kind: 'wire'; readonly error: WireError }
  | { readonly kind: 'system'; readonly code: string | undefined; readonly message: string }

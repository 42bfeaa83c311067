import { type DigestAlgorithm, ProtocolError, type WireError } from '@jftp/protocol'
import type { TransferSummary } from './byte-source.js'
import type { FileVersion } from './file-reader.js'

/** Pieces of one ArrayBuffer, which is transferred to the other thread once and never copied. */
export interface Chunk {
  readonly buffer: ArrayBuffer
  /** Pairs of offset and length. */
  readonly ranges: readonly number[]
}

/** What the main thread asks of the transfer thread. `id` names one source or sink. */
export type ThreadRequest =
  | {
      readonly type: 'source'
      readonly id: number
      readonly fd: number
      readonly alg: DigestAlgorithm
      readonly before: FileVersion
    }
  | { readonly type: 'sink'; readonly id: number; readonly fd: number; readonly alg: DigestAlgorithm }
  | { readonly type: 'recycle'; readonly id: number; readonly buffer: ArrayBuffer }
  | { readonly type: 'write'; readonly id: number; readonly chunks: readonly Chunk[] }
  | { readonly type: 'finish'; readonly id: number }
  | { readonly type: 'close'; readonly id: number }

/** What the transfer thread answers. */
export type ThreadReply =
  | { readonly type: 'piece'; readonly id: number; readonly buffer: ArrayBuffer; readonly length: number }
  /** A source has read its file to the end. The thread has forgotten it. */
  | { readonly type: 'last'; readonly id: number; readonly result: SourceResult }
  | {
      readonly type: 'written'
      readonly id: number
      readonly bytes: number
      readonly buffers: readonly ArrayBuffer[]
    }
  | { readonly type: 'finished'; readonly id: number; readonly summary: TransferSummary }
  | { readonly type: 'failed'; readonly id: number; readonly error: ThreadError }
  | { readonly type: 'closed'; readonly id: number }

/** Whether the file that was read is still the one that was there at the start. */
export type SourceResult =
  | { readonly type: 'read'; readonly summary: TransferSummary }
  | { readonly type: 'failed'; readonly error: ThreadError }

/** An error on its way between threads: a clone of an Error would lose its code. */
export type ThreadError =
  | { readonly type: 'wire'; readonly error: WireError }
  | { readonly type: 'system'; readonly code: string | undefined; readonly message: string }

export function packError(error: unknown): ThreadError {
  if (error instanceof ProtocolError) return { type: 'wire', error: error.toWire() }
  const { code, message } = error as NodeJS.ErrnoException
  return { type: 'system', code, message }
}

export function unpackError(packed: ThreadError): Error {
  if (packed.type === 'wire') return new ProtocolError(packed.error.code, packed.error.message)
  return Object.assign(new Error(packed.message), packed.code === undefined ? {} : { code: packed.code })
}

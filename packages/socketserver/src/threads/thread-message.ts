import type { Address } from '../address.js'
import type { ErrorRecord } from '../error-record.js'

/** What a worker thread is started with. */
export interface ThreadStart {
  /** Of the handler's module. */
  readonly handler: string
  readonly context: unknown
  readonly serverAddress: Address
}

/**
 * The main thread and a worker talk over the worker's own port, whose messages are arrays of these: all that
 * came together in one turn of the event loop. `id` is the request's, unique in the server.
 *
 * Bytes that are `ArrayBuffer`s were transferred, `Uint8Array`s were copied.
 */
export type ToThread =
  | { readonly is: 'connection'; readonly id: number; readonly clientAddress: Address }
  | { readonly is: 'data'; readonly id: number; readonly bytes: ArrayBuffer | Uint8Array }
  /** The client has sent its end of stream. */
  | { readonly is: 'end'; readonly id: number }
  /** The connection is gone. */
  | { readonly is: 'close'; readonly id: number; readonly error?: ErrorRecord }
  /** The kernel has taken all of one `write`. Its owned buffers come back. */
  | { readonly is: 'sent'; readonly id: number; readonly buffers: ArrayBuffer[] }
  /** `shutdown()` has begun; or the server serves again after it. */
  | { readonly is: 'closing' }
  | { readonly is: 'serving' }

export type FromThread =
  /** The handler's module is loaded; or can't be. */
  | { readonly is: 'ready' }
  | { readonly is: 'unusable'; readonly error: ErrorRecord }
  /** The handler has returned, or thrown, and all it wrote is sent. */
  | { readonly is: 'finished'; readonly id: number; readonly error?: ErrorRecord }
  | { readonly is: 'write'; readonly id: number; readonly pieces: Piece[] }
  | { readonly is: 'end'; readonly id: number }
  | { readonly is: 'destroy'; readonly id: number }
  /** The handler has read that many bytes. */
  | { readonly is: 'credit'; readonly id: number; readonly bytes: number }
  | { readonly is: 'no delay'; readonly id: number; readonly noDelay: boolean }
  | { readonly is: 'notify'; readonly message: unknown; readonly clientAddress?: Address }

/** `lent`: an `ArrayBuffer` that goes back to the thread when its bytes are sent. */
export type Piece =
  | { readonly is: 'given'; readonly bytes: ArrayBuffer | Uint8Array }
  | { readonly is: 'lent'; readonly buffer: ArrayBuffer; readonly offset: number; readonly length: number }

/** Smaller chunks cost less copied than transferred, bytes. */
export const LEAST_TRANSFER = 4096

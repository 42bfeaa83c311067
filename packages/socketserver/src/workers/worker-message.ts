import type { TlsOptions } from 'node:tls'
import type { Address } from '../address.js'
import type { ErrorRecord } from '../error-record.js'
import type { ConnectionFacts } from '../threads/connection-facts.js'

/** What a worker, a thread or a child process, is started with. */
export interface WorkerStart {
  /** URL of the handler's module. */
  readonly handler: string
  readonly context: unknown
  readonly serverAddress: Address
  /** Children only: connections are to speak TLS. */
  readonly tls?: TlsOptions
}

/**
 * The server's process and a worker exchange arrays of these: all that came together in one turn of the event
 * loop. `id` is the request's, unique in the server.
 *
 * Bytes that are `ArrayBuffer`s were transferred, `Uint8Array`s were copied.
 */
export type ToWorker =
  /** To a child the connection's descriptor comes along, and none of the messages about its bytes. */
  | {
      readonly type: 'connection'
      readonly id: number
      readonly clientAddress: Address
      /** To a thread only: a child has the socket. */
      readonly facts?: ConnectionFacts
    }
  | { readonly type: 'data'; readonly id: number; readonly bytes: ArrayBuffer | Uint8Array }
  /** The client has sent its end of stream. */
  | { readonly type: 'end'; readonly id: number }
  /** The connection is gone; to a child: let it go. */
  | { readonly type: 'close'; readonly id: number; readonly error?: ErrorRecord }
  /** The kernel has taken all of one `write`. Its lent buffers come back. */
  | { readonly type: 'sent'; readonly id: number; readonly buffers: ArrayBuffer[] }
  | {
      readonly type: 'datagram'
      readonly id: number
      readonly clientAddress: Address
      readonly packet: Uint8Array
    }
  /** The oldest of the request's datagrams not yet answered for was sent, or wasn't. */
  | { readonly type: 'datagram sent'; readonly id: number; readonly error?: ErrorRecord }
  /** To the question with that number, or to `shutdown`. */
  | {
      readonly type: 'answer'
      readonly number: number
      readonly answer?: unknown
      readonly error?: ErrorRecord
    }
  /** Is to be answered by `here`, to show that the worker's event loop runs. */
  | { readonly type: 'are you here' }
  /** `shutdown()` has begun; or the server serves again after it. */
  | { readonly type: 'closing' }
  | { readonly type: 'serving' }

/** From a worker about itself. */
export type FromWorker =
  /** The handler's module is loaded; or can't be. */
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly error: ErrorRecord }
  | { readonly type: 'notify'; readonly message: unknown; readonly clientAddress?: Address }
  | { readonly type: 'here' }
  /** A handler called `shutdown()`. The number is that of the answer. */
  | { readonly type: 'shutdown'; readonly number: number }
  | FromRequest

/** From a worker about one request. */
export type FromRequest =
  /** The handler has returned, or thrown, and all it wrote is sent. */
  | { readonly type: 'finished'; readonly id: number; readonly error?: ErrorRecord }
  /** The TLS handshake failed; no handler ran. */
  | { readonly type: 'not secured'; readonly id: number; readonly error: ErrorRecord }
  /** The handler asks the server. The number is that of the answer. */
  | { readonly type: 'question'; readonly id: number; readonly number: number; readonly question: unknown }
  | { readonly type: 'write'; readonly id: number; readonly pieces: Piece[] }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'destroy'; readonly id: number }
  /** The handler has read that many bytes. */
  | { readonly type: 'credit'; readonly id: number; readonly bytes: number }
  | { readonly type: 'no delay'; readonly id: number; readonly noDelay: boolean }
  | {
      readonly type: 'keep alive'
      readonly id: number
      readonly enable: boolean
      readonly initialDelay: number
    }
  | {
      readonly type: 'send datagram'
      readonly id: number
      readonly packet: Uint8Array
      readonly address: Address
    }

/** `lent`: an `ArrayBuffer` that goes back to the worker when its bytes are sent. */
export type Piece =
  | { readonly type: 'given'; readonly bytes: Uint8Array }
  | { readonly type: 'lent'; readonly buffer: ArrayBuffer; readonly offset: number; readonly length: number }

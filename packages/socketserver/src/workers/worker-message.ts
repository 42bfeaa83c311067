import type { TlsOptions } from 'node:tls'
import type { Address } from '../address.js'
import type { ErrorRecord } from '../error-record.js'
import type { ConnectionFacts } from '../threads/connection-facts.js'

/** What a worker (a thread or a child process) needs to start. */
export interface WorkerStart {
  /** URL of the handler's module. */
  readonly handler: string
  readonly context: unknown
  readonly serverAddress: Address
  /** For children only: TLS options, if the server uses TLS. */
  readonly tls?: TlsOptions
}

/**
 * The server's process and a worker exchange arrays of messages. One array has the messages of one turn of the event
 * loop. `id` is the request's id, which is unique in the process.
 *
 * Bytes in an `ArrayBuffer` were transferred; bytes in a `Uint8Array` were copied.
 */
export type ToWorker =
  /** A child gets the connection's descriptor with this message, and no messages about its bytes. */
  | {
      readonly type: 'connection'
      readonly id: number
      readonly clientAddress: Address
      /** For threads only, because a child has the socket itself. */
      readonly facts?: ConnectionFacts
    }
  /** `length`: how many bytes of an `ArrayBuffer` were read, if it was not filled. */
  | {
      readonly type: 'data'
      readonly id: number
      readonly bytes: ArrayBuffer | Uint8Array
      readonly length?: number
    }
  /** The client has ended its side of the connection. */
  | { readonly type: 'end'; readonly id: number }
  /** To a thread: the connection has closed. To a child: close the connection. */
  | { readonly type: 'close'; readonly id: number; readonly error?: ErrorRecord }
  /** The kernel has taken all bytes of one `write`. The lent buffers come back with this message. */
  | { readonly type: 'sent'; readonly id: number; readonly buffers: ArrayBuffer[] }
  | {
      readonly type: 'datagram'
      readonly id: number
      readonly clientAddress: Address
      readonly packet: Uint8Array
    }
  /** Result for the request's oldest unconfirmed datagram. */
  | { readonly type: 'datagram sent'; readonly id: number; readonly error?: ErrorRecord }
  /** The answer to the `question` or `shutdown` with the same number. */
  | {
      readonly type: 'answer'
      readonly number: number
      readonly answer?: unknown
      readonly error?: ErrorRecord
    }
  /** The worker answers with `here`, which shows that its event loop is not blocked. */
  | { readonly type: 'are you here' }
  /** `shutdown()` has begun. */
  | { readonly type: 'closing' }
  /** The server serves again after a `shutdown()`. */
  | { readonly type: 'serving' }

/** From a worker about itself. */
export type FromWorker =
  /** The handler's module is loaded. */
  | { readonly type: 'ready' }
  /** The handler's module can't be loaded. */
  | { readonly type: 'unusable'; readonly error: ErrorRecord }
  | { readonly type: 'notify'; readonly message: unknown; readonly clientAddress?: Address }
  | { readonly type: 'here' }
  /** A child is about to run out of descriptors. `error` is there if it is to be reported. */
  | { readonly type: 'descriptors scarce'; readonly error?: ErrorRecord }
  | { readonly type: 'descriptors free' }
  /** A handler called `shutdown()`. The answer has the same number. */
  | { readonly type: 'shutdown'; readonly number: number }
  | FromRequest

/** From a worker about one request. */
export type FromRequest =
  /** The handler has returned or thrown, and everything it wrote is sent. */
  | { readonly type: 'finished'; readonly id: number; readonly error?: ErrorRecord }
  /** The TLS handshake failed, so no handler ran. */
  | { readonly type: 'not secured'; readonly id: number; readonly error: ErrorRecord }
  /** The handler asks the server. The answer has the same number. */
  | { readonly type: 'question'; readonly id: number; readonly number: number; readonly question: unknown }
  | { readonly type: 'write'; readonly id: number; readonly pieces: Piece[] }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'destroy'; readonly id: number }
  /** The handler has read this number of bytes. */
  | { readonly type: 'credit'; readonly id: number; readonly bytes: number }
  /** The handler gives back memory that has come with `data`. */
  | { readonly type: 'recycle'; readonly id: number; readonly buffer: ArrayBuffer }
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

/** A part of a write. The buffer of a `lent` piece goes back to the worker when its bytes are sent. */
export type Piece =
  | { readonly type: 'given'; readonly bytes: Uint8Array }
  | { readonly type: 'lent'; readonly buffer: ArrayBuffer; readonly offset: number; readonly length: number }

import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import { recordError, reviveError } from '../error-record.js'
import type { MessageBatch } from '../workers/message-batch.js'
import { Outcome } from '../workers/outcome.js'
import type { Relay } from '../workers/relay.js'
import type { FromRequest, Piece, ToWorker } from '../workers/worker-message.js'

/** Bytes read from a connection that its handler has not taken yet; beyond it the socket is not read. */
const READ_WINDOW = 4 * 1024 * 1024

/** Smaller chunks cost less copied than transferred, bytes. */
const LEAST_TRANSFER = 4096

/** The main thread's end of a request in a worker: moves what the socket reads there and back. */
export class SocketRelay implements Relay {
  readonly #id: number
  readonly #socket: Socket
  readonly #batch: MessageBatch<ToWorker>
  #untaken = 0
  #error: Error | undefined
  readonly #outcome = new Outcome()

  constructor(id: number, socket: Socket, batch: MessageBatch<ToWorker>) {
    this.#id = id
    this.#socket = socket
    this.#batch = batch
  }

  run(clientAddress: Address): Promise<void> {
    this.#batch.add({ is: 'connection', id: this.#id, clientAddress })
    this.#socket.on('data', this.#onData).on('end', this.#onEnd)
    this.#socket.on('error', this.#onError).on('close', this.#onClose)
    // It may have gone while it waited in the queue.
    if (this.#socket.closed) this.#onClose()
    return this.#outcome.promise
  }

  receive(message: FromRequest): void {
    switch (message.is) {
      case 'write':
        return this.#write(message.pieces)
      case 'credit':
        return this.#addCredit(message.bytes)
      case 'end':
        return void this.#socket.end()
      case 'destroy':
        return void this.#socket.destroy()
      case 'no delay':
        return void this.#socket.setNoDelay(message.noDelay)
      case 'finished':
        return this.#finish(message.error && reviveError(message.error))
    }
  }

  /** The thread hears of it by the socket's `close`. */
  close(): void {
    this.#socket.destroy()
  }

  fail(error: Error): void {
    this.#socket.destroy()
    this.#finish(error)
  }

  #finish(error: Error | undefined): void {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd)
    this.#socket.off('error', this.#onError).off('close', this.#onClose)
    if (error) this.#outcome.reject(error)
    else this.#outcome.resolve()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#untaken += chunk.byteLength
    if (this.#untaken >= READ_WINDOW) this.#socket.pause()
    this.#batch.add({ is: 'data', id: this.#id, bytes: this.#portable(chunk) })
  }

  /** A chunk that Node has read owns an `ArrayBuffer` of its exact size; only such can be transferred. */
  #portable(chunk: Buffer): ArrayBuffer | Uint8Array {
    if (chunk.byteLength !== chunk.buffer.byteLength) return new Uint8Array(chunk)
    return chunk.byteLength < LEAST_TRANSFER ? chunk : this.#batch.transfer(chunk.buffer as ArrayBuffer)
  }

  #addCredit(bytes: number): void {
    this.#untaken -= bytes
    if (this.#socket.isPaused() && this.#untaken <= READ_WINDOW / 2) this.#socket.resume()
  }

  readonly #onEnd = (): void => {
    this.#batch.add({ is: 'end', id: this.#id })
  }

  readonly #onError = (error: Error): void => {
    this.#error = error
  }

  readonly #onClose = (): void => {
    const error = this.#error ?? this.#socket.errored
    this.#batch.add({ is: 'close', id: this.#id, ...(error && { error: recordError(error) }) })
  }

  #write(pieces: readonly Piece[]): void {
    const lent: ArrayBuffer[] = []
    this.#socket.cork()
    pieces.forEach((piece, index) => {
      if (piece.is === 'lent') lent.push(piece.buffer)
      if (index < pieces.length - 1) this.#socket.write(bytesOf(piece))
      else this.#socket.write(bytesOf(piece), (error) => this.#onSent(lent, error))
    })
    this.#socket.uncork()
  }

  #onSent(lent: ArrayBuffer[], error: Error | null | undefined): void {
    // On an error the socket closes, and the thread hears of that.
    if (error) return
    for (const buffer of lent) this.#batch.transfer(buffer)
    this.#batch.add({ is: 'sent', id: this.#id, buffers: lent })
  }
}

function bytesOf(piece: Piece): Uint8Array {
  return piece.is === 'lent' ? new Uint8Array(piece.buffer, piece.offset, piece.length) : piece.bytes
}

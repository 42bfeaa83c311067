import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Address } from '../address.js'
import { recordError, reviveError } from '../error-record.js'
import { Deferred } from '../workers/deferred.js'
import type { MessageBatch } from '../workers/message-batch.js'
import type { Relay, RelayedRequest } from '../workers/relay.js'
import type { FromRequest, Piece, ToWorker } from '../workers/worker-message.js'
import { factsOf } from './connection-facts.js'
import { JoinedRecords, RECORD_SIZE, recordMemory } from './joined-records.js'
import { readInto } from './read-into.js'
import { READ_SIZES, readMemory } from './read-memory.js'

/**
 * When this number of bytes was read and the handler has not taken them yet, the socket is paused. With less, the main
 * thread and the handler's wait for each other more often, which costs more time than the caches of the processor save.
 */
const READ_WINDOW = 4 * 1024 * 1024

/** A number of bytes. For smaller chunks copying costs less than transferring. */
const LEAST_TRANSFER = 4096
/** The same for a chunk in memory of our own: a small chunk must not take a large buffer away. */
const LEAST_OWN_TRANSFER = READ_SIZES.small / 2

/** The main thread's end of a request in a worker thread: moves the bytes between the socket and the thread. */
export class SocketRelay implements Relay {
  readonly request: Socket
  readonly clientAddress: Address
  readonly #id: number
  readonly #batch: MessageBatch<ToWorker>
  readonly #serverAddress: Address
  #untaken = 0
  /** The memory for the next read. Until a connection is busy, Node reads into memory of its own. */
  #memory: Buffer | undefined
  #error: Error | undefined
  readonly #outcome = new Deferred()

  constructor(
    { id, request, clientAddress }: RelayedRequest<Socket>,
    serverAddress: Address,
    batch: MessageBatch<ToWorker>,
  ) {
    this.request = request
    this.clientAddress = clientAddress
    this.#id = id
    this.#serverAddress = serverAddress
    this.#batch = batch
  }

  run(): Promise<void> {
    const facts = factsOf(this.request, this.#serverAddress)
    const { clientAddress } = this
    this.#batch.add({ type: 'connection', id: this.#id, clientAddress, ...(facts && { facts }) })
    // The connection may have failed while it waited in the queue. Then the flow that begins here would drop its bytes.
    this.#passOnRemains()
    this.request.on('data', this.#onData).on('end', this.#onEnd)
    this.request.on('error', this.#onError).on('close', this.#onClose)
    // It may also have closed.
    if (this.request.closed) this.#onClose()
    return this.#outcome.promise
  }

  receive(message: FromRequest): void {
    switch (message.type) {
      case 'write':
        return this.#write(message.pieces)
      case 'credit':
        return this.#addCredit(message.bytes)
      case 'recycle':
        return readMemory.giveBack(message.buffer)
      case 'end':
        return void this.request.end()
      case 'destroy':
        return void this.request.destroy()
      case 'no delay':
        return void this.request.setNoDelay(message.noDelay)
      case 'keep alive':
        return void this.request.setKeepAlive(message.enable, message.initialDelay)
      case 'finished':
        return this.#finish(message.error && reviveError(message.error))
    }
  }

  /** The thread is told by the socket's `close` event. */
  close(): void {
    this.request.destroy()
  }

  fail(error: Error): void {
    this.request.destroy()
    this.#finish(error)
  }

  #finish(error: Error | undefined): void {
    this.request.off('data', this.#onData).off('end', this.#onEnd)
    this.request.off('error', this.#onError).off('close', this.#onClose)
    if (error) this.#outcome.reject(error)
    else this.#outcome.resolve()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#count(chunk.byteLength)
    this.#batch.add({ type: 'data', id: this.#id, bytes: this.#portable(chunk) })
    if (this.request.readableLength > 0 || this.request.isPaused()) return
    if (this.request instanceof TLSSocket) {
      if (chunk.byteLength === RECORD_SIZE) this.#joinRecords()
    } else if (chunk.byteLength === READ_SIZES.small) this.#readIntoOwnMemory()
  }

  #joinRecords(): void {
    const records = new JoinedRecords(this.#id, this.#batch)
    const callback = (length: number) => {
      this.#count(length)
      records.add(length)
    }
    readInto(this.request, { buffer: () => recordMemory, callback })
  }

  /** Compared with `data` events this takes half the time for large files, and it allocates nothing. */
  #readIntoOwnMemory(): void {
    if (this.#memory !== undefined) return
    const buffer = () => {
      this.#memory ??= readMemory.take('small')
      return this.#memory
    }
    readInto(this.request, { buffer, callback: this.#onRead })
  }

  readonly #onRead = (length: number): void => {
    const memory = this.#memory as Buffer<ArrayBuffer>
    const nextSize = length === memory.byteLength ? 'large' : 'small'
    this.#count(length)
    if (length < LEAST_OWN_TRANSFER) {
      this.#batch.add({ type: 'data', id: this.#id, bytes: new Uint8Array(memory.subarray(0, length)) })
      if (memory.byteLength === READ_SIZES[nextSize]) return
      readMemory.giveBack(memory.buffer)
    } else {
      const bytes = this.#batch.transfer(memory.buffer)
      this.#batch.add({ type: 'data', id: this.#id, bytes, length })
      // The thread shall work on this while more is read.
      if (length > READ_SIZES.small) this.#batch.flush()
    }
    this.#memory = readMemory.take(nextSize)
  }

  #count(bytes: number): void {
    this.#untaken += bytes
    if (this.#untaken >= READ_WINDOW) this.request.pause()
  }

  /** Only a chunk that fills its whole `ArrayBuffer` can be transferred. The chunks that Node reads usually do. */
  #portable(chunk: Buffer): ArrayBuffer | Uint8Array {
    if (chunk.byteLength !== chunk.buffer.byteLength) return new Uint8Array(chunk)
    return chunk.byteLength < LEAST_TRANSFER ? chunk : this.#batch.transfer(chunk.buffer as ArrayBuffer)
  }

  #addCredit(bytes: number): void {
    this.#untaken -= bytes
    const { request } = this
    if (request.isPaused() && !request.destroyed && this.#untaken <= READ_WINDOW / 2) request.resume()
  }

  readonly #onEnd = (): void => {
    this.#batch.add({ type: 'end', id: this.#id })
  }

  readonly #onError = (error: Error): void => {
    this.#error = error
  }

  /** A connection that has failed emits no more data, but it still holds what had arrived while it was paused. */
  #passOnRemains(): void {
    if (this.request.errored === null) return
    for (let chunk = this.request.read(); chunk !== null; chunk = this.request.read()) this.#onData(chunk)
  }

  readonly #onClose = (): void => {
    this.#passOnRemains()
    const error = this.#error ?? this.request.errored
    this.#batch.add({ type: 'close', id: this.#id, ...(error && { error: recordError(error) }) })
  }

  #write(pieces: readonly Piece[]): void {
    const lent: ArrayBuffer[] = []
    // With TLS, Node would copy all that is corked into new memory before it encrypts it.
    const { request } = this
    if (!(request instanceof TLSSocket)) request.cork()
    pieces.forEach((piece, index) => {
      if (piece.type === 'lent') lent.push(piece.buffer)
      if (index < pieces.length - 1) request.write(bytesOf(piece))
      else request.write(bytesOf(piece), (error) => this.#onSent(lent, error))
    })
    request.uncork()
  }

  #onSent(lent: ArrayBuffer[], error: Error | null | undefined): void {
    // After an error the socket closes, and that is reported to the thread.
    if (error) return
    for (const buffer of lent) this.#batch.transfer(buffer)
    this.#batch.add({ type: 'sent', id: this.#id, buffers: lent })
  }
}

function bytesOf(piece: Piece): Uint8Array {
  return piece.type === 'lent' ? new Uint8Array(piece.buffer, piece.offset, piece.length) : piece.bytes
}

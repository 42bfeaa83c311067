import {
  type DigestAlgorithm,
  encodeDataFrame,
  encodeJsonFrame,
  FRAME_HEADER_SIZE,
  FrameType,
  ProtocolError,
  writeFrameHeader,
} from '@jftp/protocol'
import {
  type ByteSource,
  type DataFrame,
  type FileStart,
  payloadSize,
  type TransferSummary,
} from '@jftp/transfer'
import type { Connection } from '../connection/connection.js'
import type { StreamedBody } from './upload-source.js'

/** Sends the DATA of one upload and the END behind it. */
export class BodySender {
  readonly #connection: Connection
  readonly #id: number
  readonly #body: StreamedBody
  readonly #onSent: (bytes: number) => void
  #hasEnded = false

  /** `onSent` is called when the system has taken a piece. */
  constructor(connection: Connection, id: number, body: StreamedBody, onSent: (bytes: number) => void) {
    this.#connection = connection
    this.#id = id
    this.#body = body
    this.#onSent = onSent
  }

  /** Resolves to what END announced; undefined if it was stopped before. Throws what the source fails with. */
  async send(digest: DigestAlgorithm, start?: FileStart): Promise<TransferSummary | undefined> {
    if (this.#hasEnded) return undefined
    const { outbox } = this.#connection
    const source = this.#body.read(digest, start)
    while (!this.#hasEnded) {
      const next = source.read()
      // Waiting costs a turn of the event loop, so it is done only if there is something to wait for.
      const piece = next instanceof Promise ? await next : next
      if (this.#hasEnded) break
      if (piece === undefined) return this.#end(await source.finish())
      const { limit } = outbox
      if (limit !== undefined && payloadSize(piece) > limit.portion) {
        await this.#sendPortions(piece, source, limit.portion)
      } else this.#sendPiece(piece, source)
      if (outbox.full) await outbox.room()
    }
    return undefined
  }

  /** No more bytes come. The server is told, because it expects an END for every body that has begun. */
  stop(reason: 'changed' | 'cancelled'): void {
    if (this.#hasEnded) return
    const error = new ProtocolError(reason, 'the sender stopped')
    this.#leave({ error: error.toWire() })
  }

  #sendPiece(piece: DataFrame, source: ByteSource): void {
    const size = payloadSize(piece)
    writeFrameHeader(piece.frame, FrameType.DATA, this.#id, size)
    this.#connection.outbox.send(piece.frame, () => {
      source.recycle(piece.frame.buffer)
      this.#onSent(size)
    })
  }

  /** Cuts a large piece into small frames, so that an END can soon follow if the upload is stopped. */
  async #sendPortions({ frame }: DataFrame, source: ByteSource, most: number): Promise<void> {
    const { outbox } = this.#connection
    for (let offset = FRAME_HEADER_SIZE; offset < frame.length; offset += most) {
      if (outbox.full) await outbox.room()
      if (this.#hasEnded) return
      const portion = frame.subarray(offset, offset + most)
      outbox.send(encodeDataFrame(this.#id, portion), () => this.#onSent(portion.length))
    }
    // Every portion was copied.
    source.recycle(frame.buffer)
  }

  #end(announced: TransferSummary): TransferSummary | undefined {
    if (this.#hasEnded) return undefined
    this.#leave(announced)
    return announced
  }

  #leave(end: object): void {
    this.#hasEnded = true
    this.#connection.outbox.add(encodeJsonFrame(FrameType.END, this.#id, end))
    this.#body.close()
  }
}

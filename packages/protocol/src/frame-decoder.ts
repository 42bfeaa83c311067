import { FRAME_HEADER_SIZE, type Frame, FrameType, frameTypeName, isFrameType, isJsonFrame } from './frame.js'
import { MAX_DATA_SIZE, MAX_JSON_SIZE } from './limits.js'
import { ProtocolError } from './protocol-error.js'

/** Chunks kept apart before they are joined: bytes that come one by one must not cost an object each. */
const MAX_CHUNKS = 64

export interface FrameDecoderOptions {
  /** `pieces` hands DATA on as it arrives (no copy, no wait); `whole` collects each DATA frame. */
  readonly data: 'pieces' | 'whole'
  /** The largest JSON payload taken, in bytes; may be raised later, after a login. */
  readonly maxJsonSize?: number
}

/**
 * Bytes in, frames out, in any cutting of the bytes.
 *
 *     decoder.push(chunk)
 *     for (let frame = decoder.next(); frame; frame = decoder.next()) …
 *
 * Pull-based, so that a receiver which has enough can stop in the middle of a chunk. Every limit is
 * checked on the header, before anything is kept; what breaks one throws a ProtocolError with code
 * `protocol-error`, after which the decoder must not be used. It keeps the chunks pushed and not yet
 * pulled, so whoever pushes without pulling decides how much that is.
 */
export class FrameDecoder {
  /** The largest JSON payload taken from now on, in bytes. */
  maxJsonSize: number
  readonly #data: 'pieces' | 'whole'
  readonly #chunks: Uint8Array[] = []
  #buffered = 0
  /** How far the first chunk has been consumed. */
  #offset = 0
  #type: FrameType | undefined
  #id = 0
  /** Payload bytes of the current frame not yet handed out. */
  #remaining = 0

  constructor(options: FrameDecoderOptions) {
    this.#data = options.data
    this.maxJsonSize = options.maxJsonSize ?? MAX_JSON_SIZE
  }

  /** Adds bytes as they came. The decoder keeps views into `chunk`: it must not be written to again. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    if (this.#chunks.length > MAX_CHUNKS) this.release()
  }

  /** The next frame or piece, or undefined until more bytes are pushed. */
  next(): Frame | undefined {
    if (this.#type === undefined) {
      if (this.#buffered < FRAME_HEADER_SIZE) return undefined
      this.#readHeader(this.#take(FRAME_HEADER_SIZE))
    }
    const type = this.#type as unknown as FrameType
    if (type === FrameType.DATA && this.#data === 'pieces') return this.#nextPiece()
    if (this.#buffered < this.#remaining) return undefined
    const payload = this.#take(this.#remaining)
    this.#type = undefined
    return { type, id: this.#id, payload }
  }

  /**
   * Copies what is left of the chunks, so that their owner may give them away (transfer them to another
   * thread, read into them again). At most the beginning of one frame where `next` was pulled dry.
   */
  release(): void {
    if (this.#buffered === 0) return
    const rest = new Uint8Array(this.#buffered)
    let filled = 0
    let offset = this.#offset
    for (const chunk of this.#chunks) {
      rest.set(chunk.subarray(offset), filled)
      filled += chunk.length - offset
      offset = 0
    }
    this.#chunks.splice(0, this.#chunks.length, rest)
    this.#offset = 0
  }

  /** Bytes pushed that no frame has been made of yet. */
  get buffered(): number {
    return this.#buffered
  }

  /** Call when the peer has ended: throws `protocol-error` if that was in the middle of a frame. */
  end(): void {
    if (this.#type === undefined && this.#buffered === 0) return
    const where = this.#type === undefined ? 'a header' : `a ${frameTypeName(this.#type)} frame`
    throw new ProtocolError('protocol-error', `the connection ended in the middle of ${where}`)
  }

  #readHeader(header: Uint8Array): void {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, type = 0, flags = 0, id1 = 0, id0 = 0] = header
    const length = ((b0 << 24) | (b1 << 16) | (b2 << 8) | b3) >>> 0
    if (!isFrameType(type)) throw malformed(`no frame has type ${type}`)
    if (flags !== 0) throw malformed(`flags are 0 in this version, not ${flags}`)
    this.#checkLength(type, length)
    this.#type = type
    this.#id = (id1 << 8) | id0
    this.#remaining = length
  }

  #checkLength(type: FrameType, length: number): void {
    const name = frameTypeName(type)
    if (isJsonFrame(type)) {
      if (length < 2 || length > this.maxJsonSize) {
        throw malformed(`${name} has 2 to ${this.maxJsonSize} bytes, not ${length}`)
      }
    } else if (type === FrameType.DATA) {
      if (length < 1 || length > MAX_DATA_SIZE) {
        throw malformed(`${name} has 1 to ${MAX_DATA_SIZE} bytes, not ${length}`)
      }
    } else if (length !== 0) {
      throw malformed(`${name} has no payload, not ${length} bytes`)
    }
  }

  #nextPiece(): Frame | undefined {
    const first = this.#chunks[0]
    if (first === undefined) return undefined
    const payload = this.#take(Math.min(this.#remaining, first.length - this.#offset))
    this.#remaining -= payload.length
    if (this.#remaining === 0) this.#type = undefined
    return { type: FrameType.DATA, id: this.#id, payload }
  }

  /** Consumes `length` ≤ #buffered bytes: a view where one chunk holds them all, else a copy. */
  #take(length: number): Uint8Array {
    const first = this.#chunks[0]
    if (first === undefined) return new Uint8Array(0)
    this.#buffered -= length
    const end = this.#offset + length
    if (end <= first.length) {
      const taken = first.subarray(this.#offset, end)
      this.#advance(end, first)
      return taken
    }
    const joined = new Uint8Array(length)
    let filled = 0
    for (let chunk = this.#chunks[0]; chunk !== undefined && filled < length; chunk = this.#chunks[0]) {
      const stop = Math.min(this.#offset + length - filled, chunk.length)
      joined.set(chunk.subarray(this.#offset, stop), filled)
      filled += stop - this.#offset
      this.#advance(stop, chunk)
    }
    return joined
  }

  #advance(offset: number, first: Uint8Array): void {
    this.#offset = offset
    if (offset < first.length) return
    this.#chunks.shift()
    this.#offset = 0
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('protocol-error', `not a jftp frame: ${what}`)
}

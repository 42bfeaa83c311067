import { FRAME_HEADER_SIZE, type Frame, FrameType, frameTypeName, isFrameType, isJsonFrame } from './frame.js'
import { MAX_DATA_SIZE, MAX_JSON_SIZE } from './limits.js'
import { ProtocolError } from './protocol-error.js'

/** With more chunks than this they are joined, because each chunk costs an object, even if it has one byte. */
const MAX_CHUNKS = 64

export interface FrameDecoderOptions {
  /** `pieces` hands DATA on as it arrives, without a copy or a wait. `whole` collects each DATA frame. */
  readonly data: 'pieces' | 'whole'
  /** The largest JSON payload that is allowed, in bytes. It can be raised later, after a login. */
  readonly maxJsonSize?: number
}

/**
 * Turns bytes into frames, however the bytes are cut into chunks.
 *
 *     decoder.push(chunk)
 *     for (let frame = decoder.next(); frame; frame = decoder.next()) …
 *
 * The receiver pulls frames, so it can stop in the middle of a chunk when it has enough. Every limit is checked on
 * the header, before any of the payload is kept. A frame over a limit throws a ProtocolError with the code
 * `protocol-error`, and the decoder must not be used after that. The decoder keeps all bytes that were pushed and not
 * pulled, so its caller decides how much memory that takes.
 */
export class FrameDecoder {
  /** The largest JSON payload that is allowed from now on, in bytes. */
  maxJsonSize: number
  readonly #data: 'pieces' | 'whole'
  readonly #chunks: Uint8Array[] = []
  #buffered = 0
  /** The number of bytes of the first chunk that have been used. */
  #offset = 0
  #type: FrameType | undefined
  #id = 0
  /** Payload bytes of the current frame that have not been handed out. */
  #remaining = 0

  constructor(options: FrameDecoderOptions) {
    this.#data = options.data
    this.maxJsonSize = options.maxJsonSize ?? MAX_JSON_SIZE
  }

  /** Adds bytes. The decoder keeps views of `chunk`, so nobody may write to it until `release`. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    if (this.#chunks.length > MAX_CHUNKS) this.release()
  }

  /** The next frame or piece; undefined until more bytes are pushed. */
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
   * Copies the bytes that are left, so that the owner of the chunks may use their memory again or transfer it to
   * another thread. If `next` has returned undefined, at most the beginning of one frame is left.
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

  /** The number of bytes that were pushed and have not become part of a frame. */
  get buffered(): number {
    return this.#buffered
  }

  /** Call this when the stream has ended. Throws `protocol-error` if that was in the middle of a frame. */
  end(): void {
    if (this.#type === undefined && this.#buffered === 0) return
    const where = this.#type === undefined ? 'a header' : `a ${frameTypeName(this.#type)} frame`
    throw new ProtocolError('protocol-error', `the connection ended in the middle of ${where}`)
  }

  #readHeader(header: Uint8Array): void {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, type = 0, flags = 0, id1 = 0, id0 = 0] = header
    const length = ((b0 << 24) | (b1 << 16) | (b2 << 8) | b3) >>> 0
    if (!isFrameType(type)) throw malformed(`there is no frame type ${type}`)
    if (flags !== 0) throw malformed(`flags must be 0 in this version, not ${flags}`)
    this.#checkLength(type, length)
    this.#type = type
    this.#id = (id1 << 8) | id0
    this.#remaining = length
  }

  #checkLength(type: FrameType, length: number): void {
    const name = frameTypeName(type)
    if (isJsonFrame(type)) {
      if (length < 2 || length > this.maxJsonSize) {
        throw malformed(`${name} must have 2 to ${this.maxJsonSize} bytes, not ${length}`)
      }
    } else if (type === FrameType.DATA) {
      if (length < 1 || length > MAX_DATA_SIZE) {
        throw malformed(`${name} must have 1 to ${MAX_DATA_SIZE} bytes, not ${length}`)
      }
    } else if (length !== 0) {
      throw malformed(`${name} must have no payload, not ${length} bytes`)
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

  /** Uses up `length` bytes, which must be there: a view if one chunk has them all, else a copy. */
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

import type { End, ProtocolError } from '@jftp/protocol'
import type { ReceivedMemory } from './received-memory.js'

/** The next part of a body: bytes that have come, or its END. */
export type BodyPart =
  | { readonly type: 'bytes'; readonly pieces: Uint8Array[] }
  | { readonly type: 'end'; readonly end: End }

/** About what it costs to keep one piece besides its bytes: an object and a place in a list. In bytes. */
const PIECE_COST = 512

/** Smaller pieces are copied, because a view would keep the whole chunk it was received with. In bytes. */
const SMALL_PIECE = 1024

/**
 * The DATA and END of one incoming request, between the decoder and the upload. A body that has begun always comes
 * to its END, even if the request was refused; what nobody wants any more is discarded here.
 */
export class Body {
  /** Whether DATA or END of it may come now. */
  #wire: 'not-due' | 'due' | 'ended' = 'not-due'
  readonly #memory: ReceivedMemory
  #pieces: Uint8Array[] = []
  /** What the last `read` returned. */
  #given: Uint8Array[] = []
  #size = 0
  #end: End | undefined
  #error: ProtocolError | undefined
  #wake: (() => void) | undefined

  constructor(memory: ReceivedMemory) {
    this.#memory = memory
  }

  /** What it costs to keep what has come and was not read yet, in bytes. */
  get size(): number {
    return this.#size
  }

  /** Whether somebody waits for more of it. */
  get isAwaited(): boolean {
    return this.#wake !== undefined
  }

  get isDue(): boolean {
    return this.#wire === 'due'
  }

  get hasBegun(): boolean {
    return this.#wire !== 'not-due'
  }

  get hasEnded(): boolean {
    return this.#wire === 'ended'
  }

  /** From now on DATA and END may come. */
  expect(): void {
    if (this.#wire === 'not-due') this.#wire = 'due'
  }

  push(piece: Uint8Array): void {
    if (this.#error !== undefined) return
    if (piece.length < SMALL_PIECE) {
      this.#pieces.push(new Uint8Array(piece))
    } else {
      this.#memory.hold(piece)
      this.#pieces.push(piece)
    }
    this.#size += piece.length + PIECE_COST
    this.#wake?.()
  }

  end(end: End): void {
    this.#wire = 'ended'
    this.#end = end
    this.#wake?.()
  }

  /** Whoever reads gets this error instead of what is left. */
  fail(error: ProtocolError): void {
    this.#error ??= error
    this.#letGo(this.#pieces)
    this.#pieces = []
    this.#size = 0
    this.#wake?.()
  }

  /**
   * All that has come since the last call; a promise if that is nothing. Throws what `fail` was given. The pieces may
   * be used until the next call.
   */
  read(): BodyPart | Promise<BodyPart> {
    this.#letGo(this.#given)
    this.#given = []
    return this.#isEmpty ? this.#readLater() : this.#take()
  }

  get #isEmpty(): boolean {
    return this.#error === undefined && this.#end === undefined && this.#size === 0
  }

  async #readLater(): Promise<BodyPart> {
    while (this.#isEmpty) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    return this.#take()
  }

  #take(): BodyPart {
    if (this.#error !== undefined) throw this.#error
    if (this.#size === 0 && this.#end !== undefined) return { type: 'end', end: this.#end }
    const pieces = this.#pieces
    this.#given = pieces
    this.#pieces = []
    this.#size = 0
    return { type: 'bytes', pieces }
  }

  #letGo(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#memory.letGo(piece)
  }
}

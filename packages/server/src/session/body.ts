import type { End, ProtocolError } from '@jftp/protocol'

/** What a body gives next: bytes that have come, or its END. */
export type BodyPart =
  | { readonly type: 'bytes'; readonly pieces: Uint8Array[] }
  | { readonly type: 'end'; readonly end: End }

/** What one piece costs besides its bytes, about: an object, and a place in a list. In bytes. */
const PIECE_COST = 512

/** A piece below this is copied: kept as a view, it would keep the whole block it was read with. In bytes. */
const SMALL_PIECE = 1024

/**
 * The DATA and END of one incoming request, between the decoder and its handler. Once due, a body comes to
 * its END, whatever becomes of the request: what nobody wants any more is discarded here.
 */
export class Body {
  /** On the wire: whether DATA or END of it may come. */
  #wire: 'not-due' | 'due' | 'ended' = 'not-due'
  #pieces: Uint8Array[] = []
  #size = 0
  #end: End | undefined
  #error: ProtocolError | undefined
  #wake: (() => void) | undefined

  /** What has come and was not read yet: its bytes, and what it costs to keep them. */
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
    this.#pieces.push(piece.length < SMALL_PIECE ? new Uint8Array(piece) : piece)
    this.#size += piece.length + PIECE_COST
    this.#wake?.()
  }

  end(end: End): void {
    this.#wire = 'ended'
    this.#end = end
    this.#wake?.()
  }

  /** The reader gets this error instead of what is left. */
  fail(error: ProtocolError): void {
    this.#error ??= error
    this.#pieces = []
    this.#size = 0
    this.#wake?.()
  }

  /** All that has come since the last call, in one part; waits where nothing has. Throws what `fail` was given. */
  async read(): Promise<BodyPart> {
    while (this.#error === undefined && this.#end === undefined && this.#size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#error !== undefined) throw this.#error
    if (this.#size === 0 && this.#end !== undefined) return { type: 'end', end: this.#end }
    const pieces = this.#pieces
    this.#pieces = []
    this.#size = 0
    return { type: 'bytes', pieces }
  }
}

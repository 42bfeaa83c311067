/**
 * Gives the memory of received chunks back when nobody uses it any more: the decoder has decoded all of a chunk, and
 * every piece of it that somebody holds has been let go. A piece that is forgotten costs no more than an allocation.
 */
export class ReceivedMemory {
  readonly #giveBack: (memory: ArrayBufferLike) => void
  /** How many pieces of each memory are in use, and one more while it has bytes that are not decoded. */
  readonly #users = new WeakMap<ArrayBufferLike, number>()
  /** What the decoder has bytes of, in the order in which it came. */
  readonly #undecoded: Uint8Array[] = []
  #undecodedSize = 0

  constructor(giveBack: (memory: ArrayBufferLike) => void) {
    this.#giveBack = giveBack
  }

  /** A chunk goes to the decoder. */
  received(chunk: Uint8Array): void {
    this.hold(chunk)
    this.#undecoded.push(chunk)
    this.#undecodedSize += chunk.length
  }

  /** To be called after decoding, when all who need a piece hold it. `left`: the bytes that the decoder still has. */
  decoded(left: number): void {
    for (let first = this.#undecoded[0]; first !== undefined; first = this.#undecoded[0]) {
      if (this.#undecodedSize - first.length < left) return
      this.#undecoded.shift()
      this.#undecodedSize -= first.length
      this.letGo(first)
    }
  }

  /** Somebody uses a piece, until `letGo` is called for it. */
  hold({ buffer }: Uint8Array): void {
    this.#users.set(buffer, (this.#users.get(buffer) ?? 0) + 1)
  }

  letGo({ buffer }: Uint8Array): void {
    const users = this.#users.get(buffer)
    if (users === undefined) return
    if (users > 1) return void this.#users.set(buffer, users - 1)
    this.#users.delete(buffer)
    this.#giveBack(buffer)
  }
}

import type { Socket } from 'node:net'

/**
 * `always` while its receiver can't take more. `while-alone`: as long as nobody else waits for this connection.
 * Somebody who reads a listing and makes a call for each entry would otherwise wait for ever for an answer that
 * comes behind the rest of that listing.
 */
export type HoldKind = 'always' | 'while-alone'

/** Pauses a socket while somebody holds it. */
export class Throttle {
  readonly #socket: Socket
  readonly #holds = new Map<object, HoldKind>()
  /** Who waits for something from the server, and for how many things. */
  readonly #readers = new Map<object, number>()
  #state: 'flowing' | 'paused' | 'open' = 'flowing'

  constructor(socket: Socket) {
    this.#socket = socket
  }

  hold(holder: object, kind: HoldKind): void {
    this.#holds.set(holder, kind)
    this.#update()
  }

  release(holder: object): void {
    if (this.#holds.delete(holder)) this.#update()
  }

  /** `reader` waits for one thing more. */
  enter(reader: object): void {
    this.#readers.set(reader, (this.#readers.get(reader) ?? 0) + 1)
    if (this.#holds.size > 0) this.#update()
  }

  /** `reader` waits for one thing less. */
  leave(reader: object): void {
    const left = (this.#readers.get(reader) ?? 1) - 1
    if (left > 0) this.#readers.set(reader, left)
    else this.#readers.delete(reader)
    if (this.#holds.size > 0) this.#update()
  }

  /** Whether nothing is read now, because somebody on this side can't take it. */
  get isHeld(): boolean {
    return this.#state === 'paused'
  }

  /** From now on nothing is held, and all that comes is read. */
  open(): void {
    this.#state = 'open'
    this.#socket.resume()
  }

  #update(): void {
    if (this.#state === 'open') return
    const next = this.#shallHold() ? 'paused' : 'flowing'
    if (next === this.#state) return
    this.#state = next
    if (next === 'paused') this.#socket.pause()
    else this.#socket.resume()
  }

  #shallHold(): boolean {
    for (const [holder, kind] of this.#holds) {
      if (kind === 'always' || (this.#readers.size === 1 && this.#readers.has(holder))) return true
    }
    return false
  }
}

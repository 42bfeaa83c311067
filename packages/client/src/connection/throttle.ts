import type { Socket } from 'node:net'

/**
 * `always` while its receiver can't take more. `while-alone`: as long as no other call waits for this
 * connection — somebody who reads a listing and makes a call for each entry would wait forever for an
 * answer queued behind the rest of that listing.
 */
export type HoldKind = 'always' | 'while-alone'

type Others = 'calls' | 'pings'

/** Pauses a socket while somebody holds it. */
export class Throttle {
  readonly #socket: Socket
  readonly #holds = new Map<object, HoldKind>()
  readonly #others = new Set<Others>()
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

  /** Whether anything other than what is being answered waits. */
  setOthers(others: Others, waiting: 'none' | 'waiting'): void {
    if (this.#others.has(others) === (waiting === 'waiting')) return
    if (waiting === 'waiting') this.#others.add(others)
    else this.#others.delete(others)
    this.#update()
  }

  /** No more holding: what comes is read. */
  open(): void {
    this.#state = 'open'
    this.#socket.resume()
  }

  #update(): void {
    if (this.#state === 'open') return
    const next = this.#held() ? 'paused' : 'flowing'
    if (next === this.#state) return
    this.#state = next
    if (next === 'paused') this.#socket.pause()
    else this.#socket.resume()
  }

  #held(): boolean {
    for (const kind of this.#holds.values()) {
      if (kind === 'always' || this.#others.size === 0) return true
    }
    return false
  }
}

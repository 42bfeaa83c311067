import type { IHasher } from 'hash-wasm'
import type { Hasher } from './library-digest.js'

/**
 * One WebAssembly instance, which computes all digests of one kind in this thread. Instances can be made only
 * asynchronously, and a digest has to begin at once. So when a digest goes on, the state of the one before is taken
 * out and its own is put in. That takes 4 µs, and a piece of 512 KiB takes 100.
 */
export class WasmInstance {
  readonly #hasher: IHasher
  #user: WasmHasher | undefined

  constructor(hasher: IHasher) {
    this.#hasher = hasher
  }

  /** The instance, in the state in which `user` left it. */
  lend(user: WasmHasher): IHasher {
    if (this.#user === user) return this.#hasher
    if (this.#user !== undefined) this.#user.state = this.#hasher.save()
    if (user.state === undefined) this.#hasher.init()
    else this.#hasher.load(user.state)
    this.#user = user
    return this.#hasher
  }

  /** The digest of its user is complete, so its state is not needed any more. */
  release(): void {
    this.#user = undefined
  }
}

/** One digest that is being computed. */
export class WasmHasher implements Hasher {
  readonly #instance: WasmInstance
  /** Where it was when another digest got the instance; undefined if it has not begun. */
  state: Uint8Array | undefined

  constructor(instance: WasmInstance) {
    this.#instance = instance
  }

  update(bytes: Uint8Array): void {
    this.#instance.lend(this).update(bytes)
  }

  soFar(): string {
    const hasher = this.#instance.lend(this)
    const state = hasher.save()
    const hex = hasher.digest('hex')
    hasher.load(state)
    return hex
  }

  digest(encoding: 'hex'): string {
    const hex = this.#instance.lend(this).digest(encoding)
    this.#instance.release()
    return hex
  }
}

/** The files that have been received and are being committed, so that a later upload to one of them can wait. */
export class PendingCommits {
  readonly #pending = new Map<string, Promise<void>>()

  /** Resolves when the last commit begun for `key` has ended; undefined if there is none. */
  last(key: string): Promise<void> | undefined {
    return this.#pending.get(key)
  }

  /** Returns what to call when the commit has ended. */
  begin(key: string): () => void {
    let resolve!: () => void
    const ended = new Promise<void>((settle) => {
      resolve = settle
    })
    this.#pending.set(key, ended)
    return () => {
      if (this.#pending.get(key) === ended) this.#pending.delete(key)
      resolve()
    }
  }
}

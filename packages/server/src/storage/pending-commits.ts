/** The files that have been received and are being committed, so that a later upload to one of them can wait. */
export class PendingCommits {
  /** For each file: what to call when its last commit has ended. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** Returns what to call when the commit has ended. */
  begin(key: string): () => void {
    const waiting: (() => void)[] = []
    this.#waiting.set(key, waiting)
    return () => {
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
      for (const resolve of waiting) resolve()
    }
  }

  /** Resolves when the last commit begun for `key` has ended; undefined if there is none. */
  last(key: string): Promise<void> | undefined {
    const waiting = this.#waiting.get(key)
    return waiting && new Promise((resolve) => waiting.push(resolve))
  }
}

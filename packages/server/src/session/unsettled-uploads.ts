/**
 * Counts the uploads of one session that have arrived and are not yet durable. The next upload is received while
 * these are committed. Every other request waits for them, so that it sees what they stored.
 */
export class UnsettledUploads {
  #pending = 0
  #wake: (() => void) | undefined

  get count(): number {
    return this.#pending
  }

  begin(): void {
    this.#pending++
  }

  end(): void {
    this.#pending--
    this.#wake?.()
  }

  /** Resolves when at most `count` are left; undefined if that is so already. */
  settle(count: number): Promise<void> | undefined {
    return this.#pending > count ? this.#untilAtMost(count) : undefined
  }

  async #untilAtMost(count: number): Promise<void> {
    while (this.#pending > count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}

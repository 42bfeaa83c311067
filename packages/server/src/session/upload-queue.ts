/**
 * Uploads of one session that are complete and not yet durable. Uploads may overtake the disk: the next one
 * is received while these are committed; anything else waits for them, so that it sees what they stored.
 */
export class UploadQueue {
  #pending = 0
  #wake: (() => void) | undefined

  begin(): void {
    this.#pending++
  }

  end(): void {
    this.#pending--
    this.#wake?.()
  }

  /** Resolves when at most `count` are left. */
  async settle(count: number): Promise<void> {
    while (this.#pending > count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}

/** If an answer comes within this time, nothing is shown. */
const PATIENCE_MS = 1000

/** A line on a terminal that says what a command waits for. It goes away before anything else is printed. */
export class WaitNotice {
  readonly #terminal: NodeJS.WriteStream
  readonly #timer: NodeJS.Timeout
  #isShown = false

  /** `awaited` is asked after that time; if it gives undefined, nothing is shown. */
  constructor(terminal: NodeJS.WriteStream, awaited: () => string | undefined) {
    this.#terminal = terminal
    this.#timer = setTimeout(() => {
      const what = awaited()
      if (what === undefined) return
      this.#isShown = true
      const text = `waiting for ${what} (Ctrl-C stops)`
      terminal.write(text.slice(0, Math.max(20, (terminal.columns || 80) - 1)))
    }, PATIENCE_MS)
    this.#timer.unref()
  }

  end(): void {
    clearTimeout(this.#timer)
    if (this.#isShown) this.#terminal.write('\r\x1b[K')
    this.#isShown = false
  }
}

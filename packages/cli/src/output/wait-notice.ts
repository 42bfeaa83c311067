import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import { displayWidth, shortenMiddle } from '../text/display-width.js'

/** If an answer comes within this time, nothing is shown. */
const PATIENCE_MS = 1000

/** A line on a terminal that says what a command waits for. It goes away before anything else is printed. */
export class WaitNotice {
  readonly #terminal: NodeJS.WriteStream
  readonly #timer: NodeJS.Timeout
  /** Empty if nothing is shown. */
  #text = ''

  /** `awaited` is asked after that time; if it gives undefined, nothing is shown. */
  constructor(terminal: NodeJS.WriteStream, awaited: () => string | undefined) {
    this.#terminal = terminal
    this.#timer = setTimeout(() => {
      const what = awaited()
      if (what === undefined) return
      this.#text = shortenMiddle(`waiting for ${what} (Ctrl-C stops)`, this.#columns - 1)
      terminal.write(this.#text)
    }, PATIENCE_MS)
    this.#timer.unref()
  }

  end(): void {
    clearTimeout(this.#timer)
    if (this.#text === '') return
    // A terminal that became narrower meanwhile has wrapped it.
    moveCursor(this.#terminal, 0, 1 - Math.ceil(displayWidth(this.#text) / this.#columns))
    cursorTo(this.#terminal, 0)
    clearScreenDown(this.#terminal)
    this.#text = ''
  }

  get #columns(): number {
    return this.#terminal.columns || 80
  }
}

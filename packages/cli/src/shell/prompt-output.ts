import { Writable } from 'node:stream'

/**
 * Where readline writes. While there is a prompt this is the terminal; while a command runs, nothing is written.
 * What is typed then appears at the next prompt, not in the middle of a progress bar.
 */
export class PromptOutput extends Writable {
  readonly isTTY = true
  readonly #terminal: NodeJS.WriteStream
  readonly #onResize = () => this.#resize()
  #columns: number
  #isHeld = false

  constructor(terminal: NodeJS.WriteStream) {
    super()
    this.#terminal = terminal
    this.#columns = terminal.columns
    terminal.on('resize', this.#onResize)
  }

  /** Both `before-resize` and `resize` tell of a change. During the first, this is still the old number. */
  get columns(): number {
    return this.#columns
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
  }

  /** Passes text on at once, so that nothing that a command writes to the terminal overtakes it. */
  override write(chunk: string | Uint8Array): boolean {
    if (!this.#isHeld) this.#terminal.write(chunk)
    return true
  }

  #resize(): void {
    this.emit('before-resize')
    this.#columns = this.#terminal.columns
    this.emit('resize')
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#terminal.off('resize', this.#onResize)
    done(error)
  }
}

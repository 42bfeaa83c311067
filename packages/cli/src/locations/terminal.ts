import { closeSync, openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'

/** The terminal of this process, also if stdin and stdout are something else. */
export class Terminal implements Disposable {
  readonly input: ReadStream
  readonly output: WriteStream
  readonly #fd: number

  private constructor(fd: number) {
    this.#fd = fd
    this.input = new ReadStream(fd)
    this.output = new WriteStream(fd)
  }

  /** Undefined if the process has none. */
  static open(): Terminal | undefined {
    try {
      return new Terminal(openSync('/dev/tty', 'r+'))
    } catch {
      return undefined
    }
  }

  [Symbol.dispose](): void {
    this.input.destroy()
    this.output.destroy()
    try {
      // Each stream has opened the terminal again for itself. If the system did not allow that, they have closed this one.
      closeSync(this.#fd)
    } catch {}
  }
}

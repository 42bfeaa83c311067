const SHOW_CURSOR = '\x1b[?25h'

/** A process that was not stopped, because nobody could continue it, goes on after this time. */
const NOT_STOPPED_MS = 100

/**
 * The terminal's raw mode across Ctrl-Z and `fg`. In raw mode Ctrl-Z is a key, so the process has to stop itself,
 * and whoever had the terminal in between has set its mode: raw mode must be set again, or Ctrl-C would no longer
 * arrive as a key.
 */
export class TerminalMode implements Disposable {
  readonly #onContinue: () => void

  /** `onContinued` is called when raw mode is back. */
  constructor(onContinued: () => void) {
    this.#onContinue = () => {
      // Node leaves out a change to the mode that it set last.
      process.stdin.setRawMode(false)
      process.stdin.setRawMode(true)
      onContinued()
    }
    process.on('SIGCONT', this.#onContinue)
  }

  /** Stops the whole job, as Ctrl-Z in another program does: `npx ftp` is two processes. */
  suspend(): void {
    process.stdin.setRawMode(false)
    process.stdout.write(SHOW_CURSOR)
    process.kill(0, 'SIGTSTP')
    setTimeout(() => {
      if (!process.stdin.isRaw) this.#onContinue()
    }, NOT_STOPPED_MS)
  }

  [Symbol.dispose](): void {
    process.off('SIGCONT', this.#onContinue)
  }
}

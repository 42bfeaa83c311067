/** The kernel does not stop a process that no shell could continue. Such a process goes on after this time. */
const NOT_STOPPED_MS = 100

/**
 * Keeps the terminal in raw mode across Ctrl-Z and `fg`. In raw mode Ctrl-Z is a key, so the process has to stop
 * itself. The calling shell then sets the mode that it needs. If raw mode were not set again after `fg`, Ctrl-C
 * would no longer arrive as a key.
 */
export class TerminalMode implements Disposable {
  readonly #onContinue: () => void
  #state: 'ours' | 'lent' = 'ours'

  /** `onContinued` is called when raw mode is back. */
  constructor(onContinued: () => void) {
    this.#onContinue = () => {
      if (this.#state === 'lent') return
      this.#renew()
      onContinued()
    }
    process.on('SIGCONT', this.#onContinue)
  }

  /** Stops all processes of the job, as the kernel would: `npx ftp` has two. */
  suspend(): void {
    process.stdin.setRawMode(false)
    process.kill(0, 'SIGTSTP')
    setTimeout(() => {
      if (!process.stdin.isRaw) this.#onContinue()
    }, NOT_STOPPED_MS)
  }

  /** Lets the kernel edit lines and turn keys into signals, for a program that reads from the terminal. */
  lend(): void {
    this.#state = 'lent'
    process.stdin.setRawMode(false)
  }

  takeBack(): void {
    this.#state = 'ours'
    this.#renew()
  }

  [Symbol.dispose](): void {
    process.off('SIGCONT', this.#onContinue)
  }

  /** Sets raw mode after somebody else has changed it. */
  #renew(): void {
    // Node skips a change to the mode that it has set last, so the mode is changed twice.
    process.stdin.setRawMode(false)
    process.stdin.setRawMode(true)
  }
}

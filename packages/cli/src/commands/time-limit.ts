/** The time that a command may take: its signal aborts when the time is over, or with the signal it was given. */
export class TimeLimit implements Disposable {
  readonly signal: AbortSignal
  readonly #timer: NodeJS.Timeout | undefined
  #isOver = false

  /** `ms`: undefined if there is no limit. */
  constructor(signal: AbortSignal, ms: number | undefined) {
    if (ms === undefined) {
      this.signal = signal
      return
    }
    const controller = new AbortController()
    this.signal = AbortSignal.any([signal, controller.signal])
    this.#timer = setTimeout(() => {
      this.#isOver = !signal.aborted
      controller.abort(new Error('the time of the command is over'))
    }, ms)
  }

  /** Whether the time ended the command. */
  get isOver(): boolean {
    return this.#isOver
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

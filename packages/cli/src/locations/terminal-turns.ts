/** Does something on the terminal, and resolves as it does. */
type Turn = <T>(work: () => Promise<T>) => Promise<T>

/** Who reads from the terminal: a shell that reads all keys lets somebody else ask a question in between. */
export class TerminalTurns {
  #turn: Turn = (work) => work()

  /** From now on `turn` has to be called around everything that reads from the terminal. */
  lendBy(turn: Turn): void {
    this.#turn = turn
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(work)
  }
}

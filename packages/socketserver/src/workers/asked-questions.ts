import { type ErrorRecord, reviveError } from '../error-record.js'

interface Asked {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** The questions of a worker's handlers that the server has not answered yet. */
export class AskedQuestions {
  readonly #asked = new Map<number, Asked>()
  #lastNumber = 0

  /** Calls `send` with the number that the answer will have. If `send` throws, no answer is awaited. */
  ask(send: (number: number) => void): Promise<unknown> {
    this.#lastNumber += 1
    const number = this.#lastNumber
    return new Promise((resolve, reject) => {
      send(number)
      this.#asked.set(number, { resolve, reject })
    })
  }

  receive(number: number, answer: unknown, error: ErrorRecord | undefined): void {
    const asked = this.#asked.get(number)
    this.#asked.delete(number)
    if (error) asked?.reject(reviveError(error))
    else asked?.resolve(answer)
  }
}

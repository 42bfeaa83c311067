/** The questions of handlers that the server has not answered yet. */
export class OpenQuestions {
  readonly #rejections = new Set<(error: Error) => void>()

  /** Settles as `answer` does, or rejects when `rejectAll` is called before that. */
  settle(answer: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#rejections.add(reject)
      void Promise.resolve()
        .then(answer)
        .then(resolve, reject)
        .finally(() => this.#rejections.delete(reject))
    })
  }

  rejectAll(error: Error): void {
    for (const reject of this.#rejections) reject(error)
    this.#rejections.clear()
  }
}

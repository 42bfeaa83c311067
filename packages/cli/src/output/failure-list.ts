import { exitCodeOf, MoreFailures, throwFailures } from './exit-code.js'

/** Failures that are told one by one. What a program reads is told of all. */
const MAX_TOLD = 20

/** The failures of a batch. However many there are, it keeps only those that people will read. */
export class FailureList {
  readonly #max: number
  readonly #kept: unknown[] = []
  #more = 0
  #exitCode: number | undefined

  constructor(format: 'text' | 'json') {
    this.#max = format === 'json' ? Number.POSITIVE_INFINITY : MAX_TOLD
  }

  add(error: unknown): void {
    const exitCode = exitCodeOf(error)
    this.#exitCode = this.#exitCode === undefined || this.#exitCode === exitCode ? exitCode : 1
    if (this.#kept.length < this.#max) this.#kept.push(error)
    else this.#more++
  }

  /** Throws what failed, if anything did. */
  throw(): void {
    const more = this.#more === 0 ? [] : [new MoreFailures(this.#more, this.#exitCode ?? 1)]
    throwFailures([...this.#kept, ...more])
  }
}

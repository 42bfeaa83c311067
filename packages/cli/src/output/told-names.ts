import type { Settings } from '../settings/settings.js'

/** If there are more names than this, they are only counted, unless -v was given. */
const FEW_NAMES = 100

const REST = 'the others are only counted; -v names them all'

/** Decides which of many names are told one by one. The totals have all of them. */
export class ToldNames {
  readonly #isTellingAll: boolean
  #told = 0

  constructor({ verbosity }: Pick<Settings, 'verbosity'>) {
    this.#isTellingAll = verbosity === 'verbose'
  }

  /**
   * The line for the next name, of which `expected` are known so far: its own, or, once, one that says that no more
   * follow; undefined if nothing is to be told.
   */
  next(line: () => string, expected = 0): string | undefined {
    if (this.#isTellingAll) return line()
    if (this.#told > FEW_NAMES || (this.#told === 0 && expected > FEW_NAMES)) return undefined
    const isOver = expected > FEW_NAMES || this.#told === FEW_NAMES
    this.#told = isOver ? FEW_NAMES + 1 : this.#told + 1
    return isOver ? REST : line()
  }
}

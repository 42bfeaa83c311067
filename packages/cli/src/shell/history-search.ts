import { printable } from '@jftp/protocol'

export type SearchDirection = 'older' | 'newer'

interface Match {
  readonly text: string
  /** The index of the line that is shown. */
  readonly at: number
  /** Whether no line has the text; then the last one that was found is still shown. */
  readonly hasFailed: boolean
}

/** An incremental search through earlier lines, as Ctrl-R begins one. */
export class HistorySearch {
  /** The line that was being typed, and then the earlier ones, newest first. */
  readonly #lines: readonly string[]
  /** One for each character of the text, and one for no text. The last one is shown. */
  readonly #matches: Match[] = [{ text: '', at: 0, hasFailed: false }]
  #direction: SearchDirection

  constructor(line: string, earlier: readonly string[], direction: SearchDirection) {
    this.#lines = [line, ...earlier]
    this.#direction = direction
  }

  get text(): string {
    return this.#match.text
  }

  /** What stands before the line meanwhile. */
  get prompt(): string {
    const failed = this.#match.hasFailed ? 'failed ' : ''
    const reverse = this.#direction === 'older' ? 'reverse-' : ''
    return `(${failed}${reverse}i-search)'${printable(this.text)}': `
  }

  /** The line that was found, and where the text stands in it. */
  get found(): { readonly line: string; readonly column: number } {
    const { text, at } = this.#match
    const line = this.#lines[at] ?? ''
    const column = line.lastIndexOf(text)
    return { line, column: column < 0 ? line.length : column }
  }

  /** Looks for a longer text, first in the line that is shown. */
  narrow(characters: string): void {
    for (const character of characters) {
      const { text, at } = this.#match
      this.#matches.push(this.#next(text + character, at))
    }
  }

  /** Takes the last character away, and shows what was found before it was typed. */
  widen(): void {
    if (this.#matches.length > 1) this.#matches.pop()
  }

  /** Goes to the next line in that direction that has the text and is not shown already. */
  step(direction: SearchDirection): void {
    this.#direction = direction
    const { text, at } = this.#match
    if (text === '') return
    this.#matches[this.#matches.length - 1] = this.#next(text, at, this.#lines[at])
  }

  get #match(): Match {
    return this.#matches.at(-1) ?? { text: '', at: 0, hasFailed: false }
  }

  #next(text: string, from: number, shown?: string): Match {
    const step = this.#direction === 'older' ? 1 : -1
    for (let at = from; at >= 0 && at < this.#lines.length; at += step) {
      const line = this.#lines[at] ?? ''
      if (line !== shown && line.includes(text)) return { text, at, hasFailed: false }
    }
    return { text, at: from, hasFailed: true }
  }
}

import type { Interface, Key } from 'node:readline'

/**
 * Ctrl-R replaces the line by the newest earlier one that contains what was typed, and by the next older one
 * when it is pressed again. After the oldest one what was typed comes back. (node:readline has no search, and a
 * search at every key would need its private parts.)
 */
export class HistorySearch {
  readonly #readline: Interface
  /** Newest first. */
  readonly #lines: readonly string[]
  #search: { readonly typed: string; readonly at: number; readonly shown: string } | undefined

  constructor(readline: Interface, lines: readonly string[]) {
    this.#readline = readline
    this.#lines = lines
  }

  onKey(key: Key): void {
    if (!(key.ctrl && key.name === 'r')) return
    const line = this.#readline.line
    const search = this.#search?.shown === line ? this.#search : { typed: line, at: -1, shown: line }
    const next = nextMatch(this.#lines, search.typed, search.at, search.shown)
    this.#search = { typed: search.typed, ...next }
    this.#readline.write(null, { ctrl: true, name: 'e' })
    this.#readline.write(null, { ctrl: true, name: 'u' })
    this.#readline.write(next.shown)
  }
}

/** The next older line that contains `typed` and is not shown already. */
export function nextMatch(
  lines: readonly string[],
  typed: string,
  after: number,
  shown: string,
): { at: number; shown: string } {
  for (let at = after + 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.includes(typed) && line !== shown) return { at, shown: line }
  }
  return { at: -1, shown: typed }
}

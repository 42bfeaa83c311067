import type { Interface, Key } from 'node:readline'
import { HistorySearch, type SearchDirection } from './history-search.js'

/** What a search began with, to give it back. */
interface Before {
  readonly prompt: string
  readonly line: string
  readonly cursor: number
}

/**
 * The keys of a search through earlier lines: Ctrl-R and Ctrl-S begin it and go on to older and newer lines. Text
 * narrows it, Backspace widens it, and Ctrl-G or Ctrl-C gives back the line as it was. Esc and the keys up and down take
 * the line that was found. Any other key takes it as well, and does then what it always does: Enter runs it.
 */
export class SearchKeys {
  readonly #readline: Interface
  /** Newest first. */
  readonly #earlier: readonly string[]
  #running: { readonly search: HistorySearch; readonly before: Before } | undefined
  #lastText = ''

  constructor(readline: Interface, earlier: readonly string[]) {
    this.#readline = readline
    this.#earlier = earlier
  }

  /** True if the key was for the search, and readline must not see it. */
  take(text: string | undefined, key: Key): boolean {
    const direction = directionOf(key)
    if (this.#running === undefined) {
      if (direction === undefined) return false
      this.#begin(direction)
    } else if (direction !== undefined) this.#step(this.#running.search, direction)
    else if (key.name === 'backspace' || (key.ctrl && key.name === 'h')) this.#running.search.widen()
    else if (text !== undefined && !key.ctrl && !key.meta && !/\p{Cc}/u.test(text)) {
      this.#running.search.narrow(text)
    } else {
      const givesUp = key.ctrl && (key.name === 'g' || key.name === 'c')
      this.#end(this.#running.before, givesUp ? 'restore' : 'keep')
      return givesUp || ['escape', 'up', 'down'].includes(key.name ?? '')
    }
    this.#show()
    return true
  }

  /** Ends the search because another prompt is shown. */
  forget(): void {
    this.#running = undefined
  }

  #begin(direction: SearchDirection): void {
    const { line, cursor } = this.#readline
    const before = { prompt: this.#readline.getPrompt(), line, cursor }
    this.#running = { search: new HistorySearch(line, this.#earlier, direction), before }
  }

  /** The first step of a search without a text looks for that of the last search, as in other shells. */
  #step(search: HistorySearch, direction: SearchDirection): void {
    const isFirst = search.text === ''
    search.step(direction)
    if (isFirst) search.narrow(this.#lastText)
  }

  #end({ prompt, line, cursor }: Before, way: 'keep' | 'restore'): void {
    if (this.#running !== undefined) this.#lastText = this.#running.search.text || this.#lastText
    this.#running = undefined
    this.#readline.setPrompt(prompt)
    if (way === 'restore') this.#set(line, cursor)
    else this.#readline.prompt(true)
  }

  #show(): void {
    if (this.#running === undefined) return
    const { prompt, found } = this.#running.search
    this.#readline.setPrompt(prompt)
    this.#set(found.line, found.column)
  }

  /** As the REPL of Node does it. If the line were written key by key, all of it could be undone and yanked. */
  #set(line: string, cursor: number): void {
    const editable: { line: string; cursor: number } = this.#readline
    editable.line = line
    editable.cursor = cursor
    this.#readline.prompt(true)
  }
}

function directionOf(key: Key): SearchDirection | undefined {
  if (!key.ctrl || key.meta) return undefined
  return key.name === 'r' ? 'older' : key.name === 's' ? 'newer' : undefined
}

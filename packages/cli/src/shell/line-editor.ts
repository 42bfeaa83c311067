import { createInterface, type Interface, type Key } from 'node:readline'
import { canDraw } from '../output/output.js'
import type { Completion } from './completion.js'
import { HistorySearch } from './history-search.js'
import { PromptOutput } from './prompt-output.js'
import { TerminalMode } from './terminal-mode.js'

export interface LineEditorOptions {
  /** Earlier lines, newest first. Ctrl-R also finds lines that are added later. */
  readonly history: readonly string[]
  complete(line: string): Promise<Completion>
  onLine(line: string): void
  onInterrupt(): void
  /** Called once: by `close`, by Ctrl-D, or because the terminal went away. */
  onClose(): void
}

/**
 * Where the user types lines, with a prompt, the keys of readline, a history and Tab. On a terminal without cursor
 * movement (TERM=dumb) the kernel edits the line instead.
 */
export class LineEditor implements Disposable {
  readonly #output = new PromptOutput(process.stdout)
  readonly #readline: Interface
  readonly #mode: TerminalMode | undefined
  readonly #onKey: (text: string, key: Key) => void
  readonly #beforeKey = (_text: string, key: Key) => this.#dropTabBefore(key)
  readonly #onInterrupt: () => void
  #state: 'prompting' | 'held' | 'lent' = 'held'

  constructor({ history, complete, onLine, onInterrupt, onClose }: LineEditorOptions) {
    const isRaw = canDraw(process.stdout)
    this.#readline = createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: isRaw,
      history: [...history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: Completion) => void) => {
        void complete(line).then((result) => done(null, result))
      },
    })
    const search = new HistorySearch(this.#readline, history)
    this.#onKey = (_text, key) => search.onKey(key)
    this.#onInterrupt = onInterrupt
    this.#readline.on('line', onLine).once('close', onClose)
    process.on('SIGINT', this.#onInterrupt)
    if (isRaw) {
      this.#mode = new TerminalMode(() => this.#redraw())
      this.#readline.on('SIGINT', onInterrupt).on('SIGTSTP', () => this.#mode?.suspend())
      process.stdin.prependListener('keypress', this.#beforeKey).on('keypress', this.#onKey)
    }
  }

  /** Shows the prompt, and after it what was typed ahead. */
  prompt(text: string): void {
    if (this.#state !== 'prompting') this.#startRow()
    this.#state = 'prompting'
    this.#output.release()
    this.#readline.setPrompt(text)
    this.#readline.prompt(true)
  }

  /** Keeps what is typed from now on for the next prompt. */
  hold(): void {
    this.#state = 'held'
    this.#output.hold()
  }

  /** Drops the line that is being typed. If the kernel edits it, the kernel has dropped it and shown ^C. */
  dropLine(): void {
    if (this.#state === 'prompting') {
      // The cursor may be in the middle of the line, where ^C would hide what was typed.
      if (this.#mode) this.#readline.write(null, { ctrl: true, name: 'e' })
      process.stdout.write(this.#mode ? '^C\n' : '\n')
    }
    // readline would begin to read again.
    if (!this.#mode || this.#state === 'lent') return
    this.#readline.write(null, { ctrl: true, name: 'e' })
    this.#readline.write(null, { ctrl: true, name: 'u' })
  }

  /** Lets `work`, or a local program, read from the terminal meanwhile. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state === 'lent') return work()
    this.#state = 'lent'
    this.#readline.pause()
    this.#mode?.lend()
    try {
      return await work()
    } finally {
      this.#state = 'held'
      this.#mode?.takeBack()
      this.#readline.resume()
    }
  }

  close(): void {
    this.#readline.close()
  }

  [Symbol.dispose](): void {
    process.stdin.off('keypress', this.#beforeKey).off('keypress', this.#onKey)
    process.off('SIGINT', this.#onInterrupt)
    this.#mode?.[Symbol.dispose]()
    this.#output.destroy()
  }

  /**
   * Begins a new row if what a command or a local program has written ends in the middle of one, because readline
   * would write the prompt over it. Nobody can ask a terminal where its cursor is without reading the answer from
   * the keys; so a whole row of blanks is written, which only comes to the next row if it did not begin at column 0.
   */
  #startRow(): void {
    if (this.#mode) process.stdout.write(`${' '.repeat(process.stdout.columns || 80)}\r`)
  }

  /**
   * If keys arrive together, as over a slow line, readline completes only for the last one and puts any Tab before it
   * into the line. A Tab that follows such a one means that the user waits for names.
   */
  #dropTabBefore(key: Key): void {
    const { line, cursor } = this.#readline
    if (key.name === 'tab' && line[cursor - 1] === '\t') this.#readline.write(null, { name: 'backspace' })
  }

  #redraw(): void {
    if (this.#state === 'prompting') this.#readline.prompt(true)
  }
}

import { createInterface, type Interface, type Key, moveCursor } from 'node:readline'
import { canDraw } from '../output/output.js'
import type { Completion } from './completion.js'
import { KeyQueue } from './key-queue.js'
import { PromptOutput } from './prompt-output.js'
import { SearchKeys } from './search-keys.js'
import { TerminalMode } from './terminal-mode.js'

export interface LineEditorOptions {
  /** Earlier lines, newest first. Ctrl-R also finds lines that are added later. */
  readonly history: readonly string[]
  complete(line: string): Promise<Completion>
  /** On a terminal that the kernel edits lines for, lines may come while a command runs. */
  onLine(line: string): void
  onInterrupt(): void
  /** The terminal went away. */
  onHangUp(): void
  /** Ctrl-D was pressed. If false, the shell goes on and shows another prompt. */
  mayClose(): boolean
  /** Called once: by `close` or by Ctrl-D. */
  onClose(): void
}

/** What only a terminal with cursor movement needs. */
interface RawTerminal {
  readonly keys: KeyQueue
  readonly mode: TerminalMode
  readonly search: SearchKeys
}

/**
 * Where the user types lines, with a prompt, the keys of readline, a history and Tab. On a terminal without cursor
 * movement (TERM=dumb) the kernel edits the line instead.
 */
export class LineEditor implements Disposable {
  readonly #output = new PromptOutput(process.stdout)
  readonly #options: LineEditorOptions
  readonly #readline: Interface
  readonly #raw: RawTerminal | undefined
  readonly #onInterrupt = () => this.#interrupt()
  #cancelCompletion = () => {}
  #state: 'prompting' | 'held' | 'lent' = 'held'

  constructor(options: LineEditorOptions) {
    this.#options = options
    let rows = 0
    this.#output.on('before-resize', () => {
      rows = this.#readline.getCursorPos().rows
    })
    // readline listens after this.
    this.#output.on('resize', () => this.#followWrapping(rows))
    const keys = canDraw(process.stdout) ? this.#openKeys() : undefined
    this.#readline = createInterface({
      input: keys ?? process.stdin,
      output: this.#output,
      terminal: keys !== undefined,
      history: [...options.history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: Completion) => void) => {
        void this.#complete(line).then((result) => done(null, result))
      },
    })
    this.#readline.on('line', options.onLine).once('close', options.onClose)
    process.on('SIGINT', this.#onInterrupt)
    if (keys === undefined) return
    this.#readline.on('SIGINT', this.#onInterrupt).on('SIGTSTP', () => this.#suspend())
    this.#raw = {
      keys,
      mode: new TerminalMode(() => this.#redraw()),
      search: new SearchKeys(this.#readline, options.history),
    }
  }

  /** Shows the prompt, and after it what was typed ahead. */
  prompt(text: string): void {
    if (this.#state !== 'prompting') this.#startRow()
    this.#state = 'prompting'
    this.#output.release()
    this.#raw?.search.forget()
    this.#readline.setPrompt(text)
    this.#readline.prompt(true)
    this.#raw?.keys.release()
  }

  /** Keeps what is typed from now on for the next prompt. */
  hold(): void {
    this.#state = 'held'
    this.#raw?.keys.hold()
    this.#output.hold()
  }

  /** Drops the line that is being typed. If the kernel edits it, the kernel has dropped it and shown ^C. */
  dropLine(): void {
    if (this.#state !== 'prompting') return
    if (!this.#raw) {
      process.stdout.write('\n')
      return
    }
    // The cursor may be in the middle of the line, where ^C would hide what was typed.
    this.#readline.write(null, { ctrl: true, name: 'e' })
    process.stdout.write('^C\n')
    this.#output.hold()
    this.#readline.write(null, { ctrl: true, name: 'u' })
    // readline draws the next prompt that many rows higher, because it takes the cursor to be behind this one.
    process.stdout.write('\n'.repeat(this.#readline.getCursorPos().rows))
  }

  /** Lets `work`, or a local program, read from the terminal meanwhile. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state === 'lent') return work()
    this.#state = 'lent'
    if (this.#raw) this.#raw.keys.lend()
    else this.#readline.pause()
    this.#raw?.mode.lend()
    try {
      return await work()
    } finally {
      this.#state = 'held'
      this.#raw?.mode.takeBack()
      if (this.#raw) this.#raw.keys.takeBack()
      else this.#readline.resume()
    }
  }

  close(): void {
    this.#readline.close()
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onInterrupt)
    this.#raw?.keys[Symbol.dispose]()
    this.#raw?.mode[Symbol.dispose]()
    this.#output.destroy()
  }

  #openKeys(): KeyQueue {
    return new KeyQueue(process.stdin, {
      take: (text, key) => this.#raw?.search.take(text, key) === true || this.#isRefusedEnd(key),
      onInterrupt: this.#onInterrupt,
      onSuspend: () => this.#suspend(),
      onHangUp: this.#options.onHangUp,
    })
  }

  #isRefusedEnd({ ctrl, name }: Key): boolean {
    return ctrl === true && name === 'd' && this.#readline.line === '' && !this.#options.mayClose()
  }

  /** Ctrl-C ends the wait for names too. */
  #complete(line: string): Promise<Completion> {
    const cancelled = new Promise<Completion>((resolve) => {
      this.#cancelCompletion = () => resolve([[], ''])
    })
    return Promise.race([this.#options.complete(line), cancelled])
  }

  #interrupt(): void {
    this.#cancelCompletion()
    this.#options.onInterrupt()
  }

  #suspend(): void {
    this.#raw?.mode.suspend()
  }

  /**
   * Begins a new row if what a command or a local program has written ends in the middle of one, because readline
   * would write the prompt over it. Nobody can ask a terminal where its cursor is without reading the answer from
   * the keys; so a whole row of blanks is written, which only comes to the next row if it did not begin at column 0.
   */
  #startRow(): void {
    if (this.#raw) process.stdout.write(`${' '.repeat(process.stdout.columns || 80)}\r`)
  }

  /**
   * A terminal that became narrower or wider has wrapped the prompt and the line anew, and the cursor is on another row
   * of them. readline goes back to the first row from the one on which it was before.
   */
  #followWrapping(rowsBefore: number): void {
    const rows = this.#readline.getCursorPos().rows
    if (rows > rowsBefore) moveCursor(this.#output, 0, rowsBefore - rows)
    // On the last row of the screen a cursor would not move down.
    else this.#output.write('\n'.repeat(rowsBefore - rows))
  }

  /** Below what the calling shell has written, although readline goes back to the first row of the line. */
  #redraw(): void {
    if (this.#state !== 'prompting') return
    process.stdout.write('\n'.repeat(this.#readline.getCursorPos().rows))
    this.#readline.prompt(true)
  }
}

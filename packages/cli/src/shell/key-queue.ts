import { emitKeypressEvents, type Key } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadStream } from 'node:tty'

export interface KeyQueueOptions {
  /** Gets each key before readline does. True if readline must not see it. */
  take(text: string | undefined, key: Key): boolean
  /** Ctrl-C while keys are kept back. Those before it have been dropped. */
  onInterrupt(): void
  /** Ctrl-Z while keys are kept back. */
  onSuspend(): void
  /** Called once, if the terminal went away. */
  onHangUp(): void
}

interface KeyPress {
  readonly text: string | undefined
  readonly key: Key
}

/**
 * Stands between the terminal and readline, and hands over one key after the other. It keeps them back while a
 * command runs and while readline is paused, as it is until Tab has found its names. Without that, readline handles
 * all keys that arrive together at once: it would put a Tab among them into the line.
 */
export class KeyQueue extends Readable implements Disposable {
  readonly #terminal: ReadStream
  readonly #options: KeyQueueOptions
  readonly #onKey = (text: string | undefined, key: Key) => this.#add({ text, key })
  readonly #onEnd = () => this.#end()
  readonly #waiting: KeyPress[] = []
  #isHeld = true
  #isReadlinePaused = false
  #isScheduled = false
  #hasEnded = false

  constructor(terminal: ReadStream, options: KeyQueueOptions) {
    super()
    this.#terminal = terminal
    this.#options = options
    emitKeypressEvents(terminal)
    terminal.on('keypress', this.#onKey).on('end', this.#onEnd).on('error', this.#onEnd)
  }

  /** Keeps the keys back until `release`. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#deliverSoon()
  }

  /** Leaves the keys that come from now on to somebody else. */
  lend(): void {
    this.#terminal.off('keypress', this.#onKey).pause()
  }

  takeBack(): void {
    this.#terminal.on('keypress', this.#onKey).resume()
  }

  /** readline calls this, and so do `resume` and `setRawMode`. */
  override pause(): this {
    this.#isReadlinePaused = true
    return this
  }

  override resume(): this {
    this.#isReadlinePaused = false
    this.#deliverSoon()
    return this
  }

  setRawMode(isRaw: boolean): this {
    this.#terminal.setRawMode(isRaw)
    return this
  }

  override _read(): void {}

  [Symbol.dispose](): void {
    this.#terminal.off('keypress', this.#onKey).off('end', this.#onEnd).off('error', this.#onEnd).pause()
    this.destroy()
  }

  #add(press: KeyPress): void {
    const last = this.#waiting.at(-1)
    if (isText(press)) {
      // readline works the line out anew for each piece of text, which takes long for a long paste.
      if (last !== undefined && isText(last)) this.#waiting[this.#waiting.length - 1] = joined(last, press)
      else this.#waiting.push(press)
    } else if (!isTerminalControl(press)) {
      this.#waiting.push(press)
    }
    this.#deliverSoon()
  }

  /** readline itself would run the line that was being typed. */
  #end(): void {
    // A terminal that went away also fails to change its mode.
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#options.onHangUp()
  }

  /** Later, because readline inserts what Tab has found after it has resumed. */
  #deliverSoon(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    process.nextTick(() => {
      this.#isScheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (this.#waiting.length > 0) {
      const isKeptBack = this.#isHeld || this.#isReadlinePaused
      const press = isKeptBack ? this.#takeUrgent() : this.#waiting.shift()
      if (press === undefined) return
      const { text, key } = press
      if (isKeptBack) this.#obey(press)
      else if (!this.#options.take(text, key)) this.emit('keypress', text, key)
    }
  }

  /** The first Ctrl-C, which drops the keys before it, or Ctrl-Z. */
  #takeUrgent(): KeyPress | undefined {
    const index = this.#waiting.findIndex((press) => isCtrl(press, 'c') || isCtrl(press, 'z'))
    const press = this.#waiting[index]
    if (press === undefined) return undefined
    if (isCtrl(press, 'c')) this.#waiting.splice(0, index + 1)
    else this.#waiting.splice(index, 1)
    return press
  }

  #obey(press: KeyPress): void {
    if (isCtrl(press, 'c')) this.#options.onInterrupt()
    else this.#options.onSuspend()
  }
}

function isCtrl({ key }: KeyPress, name: string): boolean {
  return key.ctrl === true && key.name === name
}

type TextPress = KeyPress & { readonly text: string }

/** Whether it is text for the line, not a key that does something. */
function isText(press: KeyPress): press is TextPress {
  const { text, key } = press
  return text !== undefined && !key.ctrl && !key.meta && !/\p{Cc}|[\u2028\u2029]/u.test(text)
}

function joined(first: TextPress, second: TextPress): KeyPress {
  const text = first.text + second.text
  return { text, key: { sequence: text } }
}

/** A character of C1. In the line, the terminal would obey it. */
function isTerminalControl({ text }: KeyPress): boolean {
  return text !== undefined && /^[\x80-\x9f]$/.test(text)
}

import { styleText } from 'node:util'
import type { JsonEvent } from '@jftp/client'
import { printableJson } from '@jftp/protocol'
import type { Settings } from '../settings/settings.js'
import { causesOf, describe, errorEvent, requestIdOf } from './failure.js'
import type { Streams, Target } from './streams.js'
import { WaitNotice } from './wait-notice.js'

export type Style = Parameters<typeof styleText>[0]

type Totals = Record<'sent' | 'received' | 'skipped' | 'unchanged' | 'failed' | 'bytes', number>

/**
 * What one command prints. Answers go to stdout: `answer` prints them for people, `event` for programs, and a
 * command calls both because only one of them prints. Everything else goes to stderr. Nothing is escaped for the
 * terminal here: text from the server goes through `printable` before.
 */
export class Output {
  readonly #streams: Streams
  readonly #settings: Settings
  /** The beginning of a line about an error: `ftp: put: `. */
  #prefix: string
  readonly #startedAt = performance.now()
  #waitNotice: WaitNotice | undefined
  readonly #totals: Totals = { sent: 0, received: 0, skipped: 0, unchanged: 0, failed: 0, bytes: 0 }

  constructor(streams: Streams, settings: Settings, prefix: string) {
    this.#streams = streams
    this.#settings = settings
    this.#prefix = prefix
  }

  /** Changes the beginning of lines about errors. */
  setPrefix(prefix: string): void {
    this.#prefix = prefix
  }

  /** If nothing is printed for a moment, a terminal shows what the command waits for. */
  beginWait(awaited: () => string | undefined): void {
    const { verbosity, format } = this.#settings
    const terminal = this.stderr
    if (verbosity === 'quiet' || format === 'json' || !canDraw(terminal)) return
    this.#waitNotice = new WaitNotice(terminal, awaited)
  }

  /** Removes that line. It is called before anything is printed or drawn. */
  endWait(): void {
    this.#waitNotice?.end()
    this.#waitNotice = undefined
  }

  get stderr(): Target {
    return this.#streams.stderr.stream
  }

  get stdout(): Target {
    return this.#streams.stdout.stream
  }

  /** Whether answers are shown on a terminal. */
  get answersToTerminal(): boolean {
    return this.#settings.format === 'text' && this.stdout.isTTY === true
  }

  /** Prints a piece of a file that was asked for on stdout. Resolves when the stream takes more. */
  content(bytes: Uint8Array): Promise<void> {
    this.endWait()
    return this.#streams.stdout.write(bytes)
  }

  /** Prints lines of an answer; nothing with --json. Resolves when the stream takes more. */
  async answer(text: string | readonly string[]): Promise<void> {
    if (this.#settings.format === 'json') return
    this.endWait()
    for (const line of typeof text === 'string' ? [text] : text) await this.#streams.stdout.write(`${line}\n`)
  }

  /** Resolves when all answers have left the process; throws if some could not. */
  flush(): Promise<void> {
    return this.#streams.stdout.flush()
  }

  /**
   * Prints a line of JSON, only with --json. Resolves when the stream takes more. `way`: of a transfer that was
   * resumed, whether it was sent or received.
   */
  async event(event: JsonEvent, way: 'sent' | 'received' = 'sent'): Promise<void> {
    if (this.#settings.format !== 'json') return
    if (event.event === 'transfer') {
      this.#totals[event.status === 'resumed' ? way : event.status]++
      this.#totals.bytes += event.bytes
    }
    await this.#streams.stdout.write(`${printableJson(JSON.stringify(event))}\n`)
  }

  /** Prints a line that is not the answer, unless -q was given. */
  note(line: string): void {
    if (this.#settings.verbosity === 'quiet') return
    this.endWait()
    this.#streams.stderr.writeNow(`${line}\n`)
  }

  /** Prints what a job has printed, also with -q: the job has left out what -q leaves out. */
  relay(text: string): void {
    this.endWait()
    this.#streams.stderr.writeNow(text)
  }

  /** Prints a line with more details, only with -v. */
  detail(line: string): void {
    if (this.#settings.verbosity === 'verbose') this.#streams.stderr.writeNow(`${line}\n`)
  }

  /** Prints what failed in one line, with cause and fix, also with -q. */
  failure(error: unknown): void {
    this.endWait()
    const who = this.#prefix.trimEnd()
    const prefix = who === '' ? '' : `${this.style('stderr', 'red', who)} `
    this.#streams.stderr.writeNow(`${prefix}${describe(error)}\n`)
    for (const cause of causesOf(error)) this.detail(`  because: ${cause}`)
    const id = requestIdOf(error)
    if (id !== undefined) this.detail(`  the server's log has it as request ${id}`)
    if (this.#settings.format === 'json') this.#emit(errorEvent(error))
  }

  /** Prints the last line of JSON. */
  result(exitCode: number): void {
    if (this.#settings.format !== 'json') return
    const ms = Math.round(performance.now() - this.#startedAt)
    this.#emit({ v: 1, event: 'result', exitCode, ...this.#totals, ms })
  }

  /** Colours text if that stream is a terminal and colours are wanted. */
  style(stream: 'stdout' | 'stderr', style: Style, text: string): string {
    if (this.#settings.colour === 'never' || !this.#streams[stream].stream.isTTY) return text
    return styleText(style, text, { validateStream: false })
  }

  #emit(event: JsonEvent): void {
    this.#streams.stdout.writeNow(`${printableJson(JSON.stringify(event))}\n`)
  }
}

/** Whether it is a terminal on which the cursor can be moved. */
export function canDraw(stream: Target): stream is NodeJS.WriteStream {
  return stream.isTTY === true && process.env['TERM'] !== 'dumb'
}

import { Buffer } from 'node:buffer'
import {
  type CommandName,
  checkDelivery,
  createDigester,
  type End,
  MAX_JSON_SIZE,
  ProtocolError,
  type RequestInput,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Connection } from '../connection/connection.js'
import { fromWireError, toFtpError } from '../errors/ftp-error.js'
import type { Start } from './call.js'
import type { ListingBudget } from './listing-budget.js'
import { OutgoingCall } from './outgoing-call.js'

/** The longest line, as the protocol has it. */
const MAX_LINE = MAX_JSON_SIZE

const NEWLINE = 0x0a

/** A request whose answer is lines of JSON. */
export interface LinesRequest<C extends CommandName, R> {
  readonly cmd: C
  readonly args: RequestInput<C>
  /** The remote path that the request is about, for messages. */
  readonly path: string
  /** Turns a line into what it says. Throws ProtocolError. */
  parse(line: string): R
}

/** Reads lines. Its promise settles when all have come. */
export class LinesCall<C extends CommandName, R> extends OutgoingCall<C, void> {
  readonly #connection: Connection
  readonly #request: LinesRequest<C, R>
  readonly #budget: ListingBudget
  readonly #digester = createDigester('md5')
  #size = 0
  /** Whole lines that have come and have not been read. */
  #unread: string[] = []
  #unreadSize = 0
  /** The beginning of a line whose end has not come yet. */
  #rest: Buffer[] = []
  #restSize = 0
  #wake: (() => void) | undefined

  constructor(
    connection: Connection,
    request: LinesRequest<C, R>,
    budget: ListingBudget,
    signal: AbortSignal | undefined,
  ) {
    super(request.cmd, request.path, signal)
    this.#connection = connection
    this.#request = request
    this.#budget = budget
    this.promise.catch(() => {}).finally(() => this.#wake?.())
  }

  override get reader(): object {
    return this.#budget
  }

  override get mayTakeLong(): boolean {
    return this.#request.cmd !== 'ls'
  }

  get awaited(): string {
    const { cmd } = this.#request
    return `${this.facts === undefined ? 'the answer to' : 'the rest of'} '${cmd}' of ${this.path}`
  }

  start(id: number): Start {
    this.#connection.outbox.request(id, this.#request.cmd, this.#request.args)
    return 'sent'
  }

  protected take(piece: Uint8Array): void {
    if (this.settled) return
    this.#digester.update(piece)
    this.#size += piece.length
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    const [first, last] = [bytes.indexOf(NEWLINE), bytes.lastIndexOf(NEWLINE)]
    if (first !== -1) {
      // Text and not bytes: V8 lets a lot of memory pile up outside its heap before it looks whether it is in use.
      this.#unread.push(Buffer.concat([...this.#rest, bytes.subarray(0, first)]).toString())
      if (last > first) this.#unread.push(bytes.toString('utf8', first + 1, last))
      this.#rest = []
      this.#restSize = 0
    }
    // This is a copy, because other calls may give the chunk's memory away.
    if (last + 1 < bytes.length) this.#rest.push(Buffer.from(bytes.subarray(last + 1)))
    this.#restSize += bytes.length - (last + 1)
    if (this.#restSize > MAX_LINE) throw this.#breach('has a line without an end')
    this.#unreadSize += bytes.length
    try {
      this.#budget.add(bytes.length, this.path)
    } catch (error) {
      this.#connection.cancel(this, toFtpError(error))
    }
    this.#wake?.()
  }

  protected finish(end: End): void {
    if (this.settled) return
    if (end.type === 'failed') {
      this.fail(fromWireError(end.error, this.path))
    } else if (this.#restSize > 0) {
      throw this.#breach('ends in the middle of a line')
    } else {
      this.#check(end)
    }
  }

  afterLoss(): string {
    return `the answer to '${this.#request.cmd}' of ${this.path} is not complete`
  }

  /** What the next lines say, undefined after the last. Throws FtpError. */
  async next(): Promise<R[] | undefined> {
    while (this.#unread.length === 0) {
      if (this.settled) {
        await this.promise
        return undefined
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const pages = this.#unread
    this.#unread = []
    this.#budget.take(this.#unreadSize)
    this.#unreadSize = 0
    return pages.flatMap((page) => page.split('\n').map((line) => this.#request.parse(line)))
  }

  /** Nobody reads the rest. */
  protected override dropped(): void {
    this.#unread = []
    this.#rest = []
    this.#budget.take(this.#unreadSize)
    this.#unreadSize = 0
  }

  #breach(what: string): ProtocolError {
    return new ProtocolError('protocol-error', `the answer to '${this.#request.cmd}' of ${this.path} ${what}`)
  }

  #check(announced: TransferSummary): void {
    try {
      checkDelivery(announced, { size: this.#size, digest: this.#digester.digest() })
      this.succeed()
    } catch (error) {
      this.fail(toFtpError(error, this.path))
    }
  }
}

import { Buffer } from 'node:buffer'
import {
  checkDelivery,
  createDigester,
  type Entry,
  MAX_JSON_SIZE,
  ProtocolError,
  parseAck,
  parseEnd,
  parseEntry,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Connection } from '../connection/connection.js'
import { fromProtocolError, refusalOf, toFtpError } from '../errors/ftp-error.js'
import { type Answer, Call, type Start } from './call.js'
import type { ListingBudget } from './listing-budget.js'

/** The longest line, as the protocol has it. */
const MAX_LINE = MAX_JSON_SIZE

const NEWLINE = 0x0a

/** REQUEST → ACK → DATA… → END. Its promise settles when the whole listing has come. */
export class ListCall extends Call<void> {
  declare readonly path: string
  readonly shape = 'outgoing'
  readonly #connection: Connection
  readonly #budget: ListingBudget
  readonly #digester = createDigester('md5')
  #type: Entry['type'] | undefined
  #size = 0
  /** Whole lines that have come and have not been read. */
  #unread: Buffer[] = []
  #unreadSize = 0
  /** The beginning of a line whose end has not come yet. */
  #rest: Buffer[] = []
  #restSize = 0
  #wake: (() => void) | undefined

  constructor(connection: Connection, path: string, budget: ListingBudget, signal: AbortSignal | undefined) {
    super(path, signal)
    this.#connection = connection
    this.#budget = budget
    this.promise.catch(() => {}).finally(() => this.#wake?.())
  }

  override get reader(): object {
    return this.#budget
  }

  get awaited(): string {
    return this.#type === undefined
      ? `the answer to 'ls' of ${this.path}`
      : `the rest of the listing of ${this.path}`
  }

  /** What its path is; undefined until the server has answered. */
  get type(): Entry['type'] | undefined {
    return this.#type
  }

  start(id: number): Start {
    this.#connection.outbox.request(id, 'ls', { path: this.path })
    return 'sent'
  }

  ack(payload: Uint8Array): Answer {
    try {
      this.#type = parseAck('ls', payload).type
    } catch (error) {
      this.fail(refusalOf(error, this.path))
      return 'done'
    }
    return 'more'
  }

  override data(piece: Uint8Array): void {
    this.#requireAck('DATA')
    if (this.settled) return
    this.#digester.update(piece)
    this.#size += piece.length
    // This is a copy, because other calls may give the chunk's memory away.
    const bytes = Buffer.from(piece)
    const last = bytes.lastIndexOf(NEWLINE)
    if (last === -1) this.#rest.push(bytes)
    else {
      this.#unread.push(Buffer.concat([...this.#rest, bytes.subarray(0, last)]))
      this.#rest = last + 1 < bytes.length ? [bytes.subarray(last + 1)] : []
      this.#restSize = 0
    }
    this.#restSize += bytes.length - (last + 1)
    if (this.#restSize > MAX_LINE) throw new ProtocolError('protocol-error', 'a line of a listing has no end')
    this.#unreadSize += bytes.length
    try {
      this.#budget.add(bytes.length, this.path)
    } catch (error) {
      this.#connection.cancel(this, toFtpError(error))
    }
    this.#wake?.()
  }

  override end(payload: Uint8Array): void {
    this.#requireAck('END')
    const end = parseEnd(payload)
    if (this.settled) return
    if (end.type === 'failed') {
      const { code, message, path } = end.error
      this.fail(fromProtocolError(new ProtocolError(code, message), path ?? this.path))
    } else if (this.#restSize > 0) {
      throw new ProtocolError('protocol-error', `the listing of ${this.path} ends in the middle of a line`)
    } else {
      this.#check(end)
    }
  }

  afterLoss(): string {
    return `the listing of ${this.path} is not complete`
  }

  /** The next page of entries, undefined after the last. Throws FtpError. */
  async next(): Promise<Entry[] | undefined> {
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
    return pages.flatMap(parsePage)
  }

  /** Nobody reads the rest. */
  protected override dropped(): void {
    this.#unread = []
    this.#rest = []
    this.#budget.take(this.#unreadSize)
    this.#unreadSize = 0
  }

  #requireAck(frame: string): void {
    if (this.#type === undefined) {
      throw new ProtocolError('protocol-error', `${frame} came before the ACK of its ls`)
    }
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

function parsePage(page: Buffer): Entry[] {
  return page.toString().split('\n').map(parseSafeEntry)
}

/** Refuses a name that would lead out of its folder if somebody joined it to a local path. */
function parseSafeEntry(line: string): Entry {
  const entry = parseEntry(line)
  const { name } = entry
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new ProtocolError('protocol-error', `the server listed an impossible name: ${JSON.stringify(name)}`)
  }
  return entry
}

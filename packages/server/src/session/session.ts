import type { Duplex } from 'node:stream'
import {
  createHello,
  encodeJsonFrame,
  FrameType,
  type Hello,
  negotiateVersion,
  PROTOCOL_VERSIONS,
  ProtocolError,
} from '@jftp/protocol'
import type { Logins } from '../visitors/logins.js'
import { Connection } from './connection.js'
import { type Awaited, Deadline, type Deadlines } from './deadline.js'
import { Dispatcher } from './dispatcher.js'
import type { Exchange } from './exchange.js'
import { Inbox } from './inbox.js'
import { Outbox } from './outbox.js'
import type { SessionRecord } from './session-record.js'
import { TimeSlice } from './time-slice.js'

/** What a server lends to each of its sessions. */
export interface SessionSite {
  /** Program and version, told to the client. */
  readonly agent: string
  /** Aborted when the server is to end: what is under way is finished, what waits is not begun. */
  readonly closing: AbortSignal
  readonly deadlines: Deadlines
  readonly logins: Logins
  report(record: SessionRecord): void
}

/**
 * One connection from HELLO to BYE: a loop over requests. The inbox turns bytes into requests, the
 * dispatcher runs one after the other, the outbox sends the answers.
 */
export class Session {
  readonly #site: SessionSite
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #connection: Connection
  readonly #dispatcher: Dispatcher
  /** Why the session ends; undefined while it goes on, and where the client simply left. */
  #fault: ProtocolError | undefined
  /** Whether the client has sent its end of stream. Some of what came before it may not be decoded yet. */
  #hasPeerEnded = false
  #wake: (() => void) | undefined

  constructor(request: Duplex, site: SessionSite) {
    this.#site = site
    this.#outbox = new Outbox(request)
    this.#inbox = new Inbox(this.#outbox, (hello) => this.#greet(hello))
    this.#connection = new Connection(request, {
      receive: (chunk) => {
        this.#inbox.push(chunk)
        this.#read()
      },
      end: () => {
        this.#hasPeerEnded = true
        this.#read()
      },
      drained: () => this.#read(),
      lost: () => {
        this.#inbox.abandon(connectionEnded())
        this.#wake?.()
      },
    })
    this.#dispatcher = new Dispatcher(site, this.#inbox, this.#outbox, this.#connection, () => this.#read())
  }

  /** Resolves when the session is over; what was answered last may still be on its way. */
  async run(): Promise<void> {
    const { closing } = this.#site
    const onClosing = () => this.#wake?.()
    const slice = new TimeSlice()
    const deadline = new Deadline(this.#site.deadlines, this, (error) => this.#expire(error))
    closing.addEventListener('abort', onClosing)
    try {
      while (!closing.aborted && this.#fault === undefined) {
        // A client that asks and doesn't read gets no more answers until it does.
        const exchange = this.#connection.isFull ? undefined : this.#take()
        if (exchange !== undefined) {
          this.#read()
          await this.#dispatcher.run(exchange)
          // From here on it is the client's turn.
          this.#connection.noteActivity()
          this.#read()
          await slice.pause()
        } else {
          if (this.#inbox.hasEnded && this.#inbox.isIdle) break
          if (this.#fault === undefined) await this.#somethingNew()
        }
      }
      await this.#dispatcher.settle()
      this.#sayGoodbye()
    } finally {
      deadline.stop()
      closing.removeEventListener('abort', onClosing)
    }
  }

  get quietSince(): number {
    return this.#connection.quietSince
  }

  get awaited(): Awaited {
    if (!this.#inbox.isOpen) return 'login'
    if (this.#connection.isFull || this.#inbox.isBodyAwaited) return 'transfer'
    return this.#inbox.isIdle ? 'request' : 'nothing'
  }

  #greet(hello: Hello): void {
    this.#outbox.send(
      encodeJsonFrame(FrameType.HELLO, 0, createHello(this.#site.agent, this.#site.logins.methods)),
    )
    negotiateVersion(PROTOCOL_VERSIONS, hello.versions)
  }

  /**
   * Decodes what has come, as far as there is room for more requests and more answers, and holds the peer
   * back where there is none. Call when bytes have come, and when room has been made.
   */
  #read(): void {
    try {
      if (!this.#connection.isFull) this.#inbox.decode()
      if (this.#hasPeerEnded && this.#inbox.wantsMore && !this.#connection.isFull) {
        this.#inbox.end(connectionEnded())
      }
      const more = this.#inbox.hasEnded || (this.#inbox.wantsMore && !this.#connection.isFull)
      this.#connection.reading = more ? 'more' : 'wait'
    } catch (error) {
      this.#end(error)
    }
    this.#wake?.()
  }

  #take(): Exchange | undefined {
    try {
      return this.#inbox.take()
    } catch (error) {
      this.#end(error)
      return undefined
    }
  }

  /** Ends the session because of a fault: nothing more is read. */
  #end(error: unknown): void {
    this.#fault ??= error instanceof ProtocolError ? error : new ProtocolError('internal', String(error))
    this.#inbox.end(this.#fault)
    this.#connection.reading = 'more'
  }

  /** The client let the session wait for too long: what is under way fails, and the session ends. */
  #expire(error: ProtocolError): void {
    this.#end(error)
    this.#connection.giveUp(error)
    this.#wake?.()
  }

  async #somethingNew(): Promise<void> {
    this.#outbox.flush()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  #sayGoodbye(): void {
    const fault = this.#fault ?? (this.#site.closing.aborted ? shuttingDown() : undefined)
    if (fault !== undefined) {
      this.#outbox.send(encodeJsonFrame(FrameType.BYE, 0, { error: fault.toWire() }))
      this.#site.report({ type: 'goodbye', reason: `${fault.code}: ${fault.message}` })
    }
    this.#outbox.flush()
    const { stallMs } = this.#site.deadlines
    this.#connection.closeWithin(fault?.code === 'timeout' ? LAST_WORDS_MS : stallMs)
    // What still comes is not answered any more.
    this.#inbox.abandon(connectionEnded())
  }
}

/** How long a client that let the session wait for too long has to read why it ends. */
const LAST_WORDS_MS = 2_000

function connectionEnded(): ProtocolError {
  return new ProtocolError('cancelled', 'the connection ended before the upload did; nothing was changed')
}

function shuttingDown(): ProtocolError {
  return new ProtocolError('shutting-down', 'the server is shutting down; try again later')
}

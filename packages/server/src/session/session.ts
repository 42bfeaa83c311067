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
import { recycle } from '@jftp/socketserver'
import { type Awaited, Deadline } from './deadline.js'
import { Dispatcher } from './dispatcher.js'
import type { Exchange } from './exchange.js'
import { FrameWriter } from './frame-writer.js'
import { Inbox } from './inbox.js'
import { ReceivedMemory } from './received-memory.js'
import { shuttingDown } from './session-error.js'
import type { SessionServices } from './session-services.js'
import { SessionStream } from './session-stream.js'
import { TimeSlice } from './time-slice.js'

/**
 * One connection from HELLO to BYE: a loop over requests. The inbox turns bytes into requests, the dispatcher
 * runs one after the other, and the writer sends the answers.
 */
export class Session {
  readonly #services: SessionServices
  readonly #writer: FrameWriter
  readonly #inbox: Inbox
  readonly #stream: SessionStream
  readonly #dispatcher: Dispatcher
  readonly #deadline: Deadline
  /** Why the server ends the session; undefined while it goes on, and if the client simply left. */
  #fault: ProtocolError | undefined
  /** Whether the client has sent its end of stream. Some of what came before it may not be decoded yet. */
  #hasPeerEnded = false
  #wake: (() => void) | undefined

  constructor(request: Duplex, services: SessionServices) {
    this.#services = services
    this.#writer = new FrameWriter(request)
    const memory = new ReceivedMemory((each) => recycle(request, each))
    this.#inbox = new Inbox(this.#writer, memory, (hello) => this.#greet(hello))
    this.#stream = new SessionStream(request, {
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
    this.#dispatcher = new Dispatcher(services, this.#inbox, this.#writer, this.#stream, () => this.#read())
    this.#deadline = new Deadline(services.deadlines, this, (error) => this.#expire(error))
  }

  /** Resolves when the session is over. The last answers may still be on their way then. */
  async run(): Promise<void> {
    const { closing } = this.#services
    const onClosing = () => this.#wake?.()
    const slice = new TimeSlice()
    closing.addEventListener('abort', onClosing)
    try {
      while (!closing.aborted && this.#fault === undefined) {
        // A client that does not read its answers gets no more of them until it does.
        const exchange = this.#stream.isFull ? undefined : this.#take()
        if (exchange !== undefined) {
          this.#read()
          await this.#dispatcher.run(exchange)
          // From here on it is the client's turn.
          this.#stream.noteActivity()
          this.#read()
          const pausing = slice.pause()
          if (pausing !== undefined) await pausing
        } else {
          if (this.#inbox.hasEnded && this.#inbox.isIdle) break
          if (this.#fault === undefined) await this.#somethingNew()
        }
      }
      await this.#dispatcher.settle()
      this.#sayGoodbye()
    } finally {
      this.#deadline.stop()
      closing.removeEventListener('abort', onClosing)
    }
  }

  /** The connection is `ms` older than the session, and the time to log in began with it. */
  beganBefore(ms: number): void {
    if (ms > 0) this.#deadline.beganBefore(ms)
  }

  /** Tells the client why, and ends the session. */
  dismiss(error: ProtocolError): void {
    this.#expire(error)
  }

  reportProgress(): void {
    this.#dispatcher.reportProgress()
  }

  get waitingRequests(): number {
    return this.#inbox.waiting
  }

  get waitingUploads(): number {
    return this.#dispatcher.waitingUploads
  }

  get quietSince(): number {
    return this.#stream.quietSince
  }

  get awaited(): Awaited {
    if (!this.#inbox.isOpen) return 'login'
    if (this.#stream.isFull || this.#inbox.isBodyAwaited) return 'transfer'
    return this.#inbox.isIdle ? 'request' : 'nothing'
  }

  #greet(hello: Hello): void {
    const { agent, logins } = this.#services
    const answer = createHello(agent, logins.methods, logins.challenge)
    this.#writer.send(encodeJsonFrame(FrameType.HELLO, 0, answer))
    negotiateVersion(PROTOCOL_VERSIONS, hello.versions)
  }

  /**
   * Decodes what has come as long as there is room for more requests and more answers, and stops reading soon if
   * there is none. To be called if bytes have come, and if room has been made.
   */
  #read(): void {
    try {
      if (!this.#stream.isFull) this.#inbox.decode()
      if (this.#hasPeerEnded && this.#inbox.wantsMore && !this.#stream.isFull) {
        this.#inbox.end(connectionEnded())
      }
      // While answers wait to leave, a little is read and not decoded: a client that reads slowly can show that it
      // is there.
      const hasRoom = !this.#stream.isFull || this.#inbox.undecoded < MAX_UNDECODED
      this.#stream.isReading = this.#inbox.hasEnded || (this.#inbox.wantsMore && hasRoom)
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
    this.#stream.isReading = true
  }

  /** The client let the session wait for too long: what is under way fails, and the session ends. */
  #expire(error: ProtocolError): void {
    this.#end(error)
    this.#stream.giveUp(error)
    this.#wake?.()
  }

  async #somethingNew(): Promise<void> {
    this.#writer.flush()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  #sayGoodbye(): void {
    const fault = this.#fault ?? (this.#services.closing.aborted ? shuttingDown() : undefined)
    if (fault !== undefined) {
      this.#writer.send(encodeJsonFrame(FrameType.BYE, 0, { error: fault.toWire() }))
      this.#services.report({ type: 'goodbye', code: fault.code, reason: `${fault.code}: ${fault.message}` })
    }
    if (this.#inbox.hasSaidBye) this.#services.report({ type: 'farewell' })
    this.#writer.flush()
    const { stallMs } = this.#services.deadlines
    this.#stream.closeWithin(fault?.code === 'timeout' ? LAST_WORDS_MS : stallMs)
    // Requests that still come are not answered any more.
    this.#inbox.abandon(connectionEnded())
  }
}

/** Bytes that are read and kept while so many answers wait to leave that nothing is decoded. */
const MAX_UNDECODED = 16 * 1024

/** How long a client that let the session wait for too long has to read why it ends. */
const LAST_WORDS_MS = 2_000

function connectionEnded(): ProtocolError {
  return new ProtocolError('cancelled', 'the connection ended before the upload did; nothing was changed')
}

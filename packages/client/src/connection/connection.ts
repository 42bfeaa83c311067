import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type AckOf, type DigestAlgorithm, encodeJsonFrame, FrameType } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import type { AnyCall, Call } from '../calls/call.js'
import { CallQueue } from '../calls/call-queue.js'
import { LoginCall } from '../calls/login-call.js'
import { type FtpError, toFtpError } from '../errors/ftp-error.js'
import { closedHere, lost, stalled } from '../errors/network-error.js'
import { formatHostAndPort } from '../remote-url.js'
import type { ServerTrust } from '../trust/server-trust.js'
import type { ConnectionOptions } from './connection-options.js'
import { ConnectionState, type Sent } from './connection-state.js'
import { dial, type Memory } from './dial.js'
import { DigestOffer } from './digest-offer.js'
import { FrameReceiver } from './frame-receiver.js'
import { encodeHello } from './greeting.js'
import { LoginRequest } from './login-request.js'
import { Outbox } from './outbox.js'
import { PacedReader } from './paced-reader.js'
import { Pings } from './pings.js'
import { StallWatch } from './stall-watch.js'
import { type HoldKind, Throttle } from './throttle.js'
import { TransferResources } from './transfer-resources.js'

/** Milliseconds that the server has to end its side after our BYE, before the socket is destroyed. */
const LINGER = 2_000

/**
 * One socket to a server, with frames in both directions from HELLO to BYE. Its first failure is the reason given
 * for everything that fails after it.
 */
export class Connection {
  /** Settles with the answer to the login, which was sent together with the HELLO. */
  readonly ready: Promise<AckOf<'login'>>
  /** Resolves when the connection is gone, to its first failure or, if `close` ended it, to undefined. */
  readonly closed: Promise<FtpError | undefined>
  readonly outbox: Outbox
  readonly resources: TransferResources
  readonly digest: DigestAlgorithm
  readonly digests = new DigestOffer()
  /** `host:port` or the path of a Unix socket, for messages. */
  readonly address: string
  /** Who is logged in where: the same for all connections that see the same files. */
  readonly origin: string
  readonly #host: string
  readonly #socket: Socket
  readonly #throttle: Throttle
  readonly #reader: PacedReader
  readonly #receiver: FrameReceiver
  readonly #calls: CallQueue
  readonly #pings: Pings
  readonly #watch: StallWatch
  readonly #state = new ConnectionState()
  #resolveClosed!: (reason: FtpError | undefined) => void

  /** Begins to connect. */
  constructor({ host, port, trust, user, credentials, digest, stallTimeout, limitRate }: ConnectionOptions) {
    this.#reader = new PacedReader({
      hold: (reader) => this.hold(reader, 'always'),
      release: (reader) => this.release(reader),
      sendPing: () => this.#pings.probe(() => this.#watch.alive()),
    })
    this.#reader.limit = limitRate
    const { socket, recycle } = dial({
      ...{ host, port, tls: trust?.tlsOptions },
      receive: (chunk) => this.#receive(chunk),
      largestRead: () => this.limitRate?.portion ?? Number.POSITIVE_INFINITY,
    })
    this.resources = new TransferResources(recycle)
    this.#host = host
    this.address = formatHostAndPort({ host, port })
    this.origin = `${user}@${this.address}`
    this.digest = digest
    this.#socket = socket
    this.outbox = new Outbox(socket, trust === undefined ? 'open' : 'held', () => this.#calls.pump())
    this.outbox.limit = limitRate
    this.#throttle = new Throttle(socket)
    this.#pings = new Pings(this.outbox, this.#throttle)
    this.#calls = new CallQueue(this.outbox, this.#throttle, () => void this.resources.close())
    this.#watch = new StallWatch(socket, {
      timeout: stallTimeout,
      awaited: () => this.#awaited,
      mayTakeLong: () => this.#calls.mayTakeLong,
      probe: () => this.#pings.probe(() => this.#watch.alive()),
      onStall: (awaited, ms) => this.abort(stalled(this.address, awaited, ms)),
    })
    const login = new LoginRequest(user, credentials, () => trust?.fingerprint)
    this.#receiver = new FrameReceiver({
      ...{ address: this.address, digests: this.digests, login, outbox: this.outbox },
      ...{ calls: this.#calls, pings: this.#pings, watch: this.#watch, state: this.#state },
      abort: (reason) => this.abort(reason),
    })
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    socket.on('connect', () => this.#state.advance(trust === undefined ? 'connected' : 'securing'))
    if (trust !== undefined) socket.on('secureConnect', () => this.#secured(socket as TLSSocket, trust))
    socket.on('end', () => this.abort(lost(this.#state.phase, this.#host, this.address)))
    socket.on('error', (error) => this.abort(lost(this.#state.phase, this.#host, this.address, error)))
    socket.on('close', () => this.#gone())
    this.outbox.add(encodeHello())
    this.ready = this.run(new LoginCall(this, login, (error) => this.#notAdmitted(error)))
  }

  get isOpen(): boolean {
    return this.#state.isOpen
  }

  /** The failure that ended it. */
  get reason(): FtpError | undefined {
    return this.#state.reason
  }

  get limitRate(): RateLimit | undefined {
    return this.#reader.limit
  }

  /** Counts from the next bytes on, in both directions. */
  set limitRate(limit: RateLimit | undefined) {
    this.#reader.limit = limit
    this.outbox.limit = limit
  }

  /** Queues a call. It is sent as soon as fewer calls wait for an answer. */
  run<T>(call: Call<T>): Promise<T> {
    // A wait that begins now does not prolong one that has begun already.
    if (this.#calls.isIdle) this.#watch.progress()
    return this.#calls.run(call)
  }

  /** Fails a call and stops it at the server. */
  cancel(call: AnyCall, error: FtpError): void {
    this.#calls.cancel(call, error)
  }

  /** Tells the server that nobody needs the rest of the answer to a call that has settled. */
  stop(call: AnyCall): void {
    this.#calls.stop(call)
  }

  /** Call this when the whole body of an upload is sent, so that the next upload can begin. */
  endUpload(call: AnyCall): void {
    this.#watch.progress()
    this.#calls.endUpload(call)
  }

  /** Reads no more from the socket until `release`. */
  hold(holder: object, kind: HoldKind): void {
    this.#throttle.hold(holder, kind)
  }

  release(holder: object): void {
    if (this.#throttle.isHeld) this.#watch.progress()
    this.#throttle.release(holder)
  }

  /** Tells a server that waits for this side that it is still there. */
  sendPing(): void {
    if (this.#state.phase === 'greeted') this.#pings.probe(() => this.#watch.alive())
  }

  /** Milliseconds to the server and back. The server answers at once, also if requests wait there. */
  async ping(signal: AbortSignal | undefined): Promise<number> {
    await this.ready
    if (!this.isOpen) throw this.reason ?? closedHere()
    if (this.#calls.isIdle && this.#pings.awaited === undefined) this.#watch.progress()
    return await this.#pings.send(signal)
  }

  /** Says BYE. Resolves when that has been sent; nothing that was answered depends on more. */
  async close(): Promise<void> {
    const socket = this.#socket
    if (this.isOpen) {
      this.outbox.add(encodeJsonFrame(FrameType.BYE, 0, {}))
      this.#leave(undefined)
    }
    if (socket.connecting) socket.destroy()
    if (socket.destroyed || socket.writableFinished) return
    await new Promise<void>((resolve) => {
      socket.once('finish', resolve).once('close', resolve)
    })
  }

  /** Ends the connection at once, for `reason` unless it has ended for another one before. */
  abort(reason: FtpError): void {
    this.#leave(reason)
    this.#socket.destroy()
  }

  /** Nothing has been sent yet, so an impostor learns nothing. */
  #secured(socket: TLSSocket, trust: ServerTrust): void {
    try {
      trust.check(socket)
    } catch (error) {
      return this.abort(toFtpError(error))
    }
    this.#state.advance('connected')
    this.outbox.open()
  }

  /** The server has done nothing of what was sent together with the login. */
  #notAdmitted(reason: FtpError): void {
    this.#leave(reason, 'nothing')
    this.#socket.destroy()
  }

  #leave(reason: FtpError | undefined, sent?: Sent): void {
    if (!this.isOpen) return
    this.#state.close(reason, sent)
    this.#watch.stop()
    this.outbox.close()
    this.#reader.stop()
    // Bytes that arrive and are not read would make the system reset the connection, and frames could be lost.
    this.#throttle.open()
    this.#socket.end()
    this.#socket.unref()
    setTimeout(() => this.#socket.destroy(), LINGER).unref()
    this.#calls.close(reason, this.#state.sent)
    this.#pings.fail(reason ?? closedHere())
  }

  #gone(): void {
    if (this.isOpen) this.#leave(lost(this.#state.phase, this.#host, this.address))
    this.#resolveClosed(this.reason)
  }

  #receive(chunk: Uint8Array): Memory {
    // Taken now: memory that goes to another thread has length 0 after `deliver`.
    const { length } = chunk
    this.#receiver.push(chunk)
    const memory = this.#calls.deliver()
    this.#calls.pump()
    if (this.isOpen) this.#reader.took(length)
    return memory
  }

  get #awaited(): string | undefined {
    // The server can't send what this side does not read now, nor answer what this side has not sent yet.
    if (this.#state.phase !== 'greeted' || this.#throttle.isHeld || this.outbox.isPaced) return undefined
    return this.#calls.awaited ?? this.#pings.awaited
  }
}

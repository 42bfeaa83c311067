import { inspect } from 'node:util'
import type { Address, ListenAddress } from '../address.js'
import type { HandlerServer } from '../handlers/handler-server.js'
import { type HandlerClass, type HandlerSource, loadHandler, runHandler } from '../handlers/handler-source.js'
import { SocketServerError } from '../socket-server-error.js'
import { ArrivalQueue } from './arrival-queue.js'
import { reportError } from './error-report.js'
import { LiveRequests } from './live-requests.js'
import { ServeLoop } from './serve-loop.js'
import { fieldsOf, type ServerOptions } from './server-options.js'

export interface ServeOptions {
  /** Aborting it is `shutdown()`. */
  readonly signal?: AbortSignal
  /** Milliseconds between calls of `serviceActions()` while no request comes. Default: none then. */
  readonly pollInterval?: number
}

/**
 * A server waits for requests, and has each handled by an object of a handler class. Server classes say where
 * requests come from and how many run at once; handler classes (`BaseRequestHandler`) say what to do with one.
 *
 *     BaseServer ── StreamServer ──── TCPServer, UnixStreamServer
 *                └─ DatagramServer ── UDPServer, UnixDatagramServer
 *
 * These handle one request after the other. A mix-in makes them handle many: `AsyncMixIn` on the event loop,
 * `ThreadingMixIn` in worker threads, `ForkingMixIn` in child processes; `AsyncTCPServer` and the other eleven
 * are ready-made, and `class Mine extends ThreadingMixIn(YourServer) {}` makes another.
 *
 * Who calls what, in this order:
 *
 *     new XServer(address, handler, options)
 *       serverBind()            opens the socket; `serverAddress` is now true
 *       serverActivate()        gets handlers ready: loads the module, starts threads or children
 *       `ready` resolves, or rejects after serverClose() if one of them failed
 *     serveForever(), for each request; handleRequest() the same for exactly one
 *       hasRoom()               false: the request waits in the queue
 *       getRequest()            the oldest request and its client's address
 *       verifyRequest()         false: shutdownRequest(), and nothing else
 *       processRequest()        one at a time: returns when the request is done; mix-ins: at once
 *         finishRequest()       runs the handler: new, setup(), handle(), finish()
 *         handleError()         if any of them threw, or its thread or child died
 *         shutdownRequest()     sends what was written and ends the connection …
 *           closeRequest()      … and lets go of it
 *       serviceActions()        once per turn of the loop
 *     handleTimeout()           instead of all that, if handleRequest() waited for `timeout`
 *     shutdown()                aborts `closing`, ends the loop
 *     serverClose()             closes the socket; waits for running requests if `blockOnClose`
 *
 * Every one of these runs in the thread that constructed the server; only the handler runs elsewhere. Override
 *
 * - `verifyRequest` to turn clients away (by address, by count) before anything is spent on them;
 * - `handleError`, `handleWorkerExit`, `handleAcceptError` to log in your own way;
 * - `handleMessage` to hear what handlers `notify`;
 * - `getRequest` to wrap requests, `finishRequest` to run something else than a handler class;
 * - `serverBind` and `serverActivate` to do more on opening, `serviceActions` for work now and then;
 * - `processRequest` for another way to run many at once: it calls `runRequest`, awaited or not.
 *
 * A handler must not await `shutdown()` or `serverClose()` of the server that awaits it; it may call them.
 *
 * To serve something else than sockets derive from this class and put what comes into `arrivals`.
 */
export class BaseServer implements HandlerServer, AsyncDisposable {
  /** Milliseconds `handleRequest()` waits before it calls `handleTimeout()`. `null`: for ever. */
  timeout: number | null = null

  /** Settles when the server is bound and active. A failure is also thrown by `serveForever()`. */
  readonly ready: Promise<void>
  /** `options.context`, for the handlers. */
  readonly context: unknown
  /** Where the server listens: after binding the true address, with the port the system chose. */
  serverAddress: Address

  /** What has come and is not yet taken. */
  protected readonly arrivals = new ArrivalQueue<readonly [request: unknown, clientAddress: Address]>()
  /** Resolves when the options have become fields. `serverBind()` waits for it. */
  protected readonly configured: Promise<void>
  protected readonly requestHandler: HandlerSource
  protected readonly listenAddress: ListenAddress

  readonly #loop = new ServeLoop()
  readonly #live = new LiveRequests<unknown>()
  readonly #opened: Promise<void>
  #handler: Promise<HandlerClass> | undefined
  #state: 'open' | 'closed' = 'open'

  /** Binds and activates in the background: see `ready`, and `listen()`, which awaits it. */
  constructor(address: ListenAddress, handler: HandlerSource, options: ServerOptions = {}) {
    this.listenAddress = address
    this.serverAddress = typeof address === 'object' && 'fd' in address ? '' : address
    this.requestHandler = handler
    this.context = options.context
    // Not now: the fields that a subclass declares are set only after this constructor has returned.
    this.configured = Promise.resolve().then(() => void Object.assign(this, fieldsOf(options)))
    this.#opened = this.configured.then(() => (options.bindAndActivate === false ? undefined : this.#open()))
    this.ready = this.#opened.catch(async (error: unknown) => {
      await this.serverClose()
      throw error
    })
    // serveForever(), handleRequest() and listen() throw it; until then it is nobody's unhandled rejection.
    this.ready.catch(ignore)
  }

  /** `new`, and `ready` awaited: `const server = await TCPServer.listen(['localhost', 0], Handler)`. */
  static async listen<Server extends BaseServer>(
    this: new (
      address: ListenAddress,
      handler: HandlerSource,
      options?: ServerOptions,
    ) => Server,
    address: ListenAddress,
    handler: HandlerSource,
    options?: ServerOptions,
  ): Promise<Server> {
    const server = new this(address, handler, options)
    await server.ready
    return server
  }

  get closing(): AbortSignal {
    return this.#loop.closing
  }

  /** Requests taken and not yet shut down. */
  get activeRequests(): number {
    return this.#live.size
  }

  /** Handles requests until `shutdown()`; what is running then goes on running. */
  async serveForever({ signal, pollInterval }: ServeOptions = {}): Promise<void> {
    const stop = () => void this.shutdown()
    const wake = () => this.arrivals.wake()
    let poll: NodeJS.Timeout | undefined
    try {
      await this.#loop.run(async () => {
        await this.ready
        signal?.addEventListener('abort', stop, { once: true })
        if (signal?.aborted) stop()
        if (pollInterval !== undefined) poll = setInterval(wake, pollInterval)
        while (this.#loop.isRunning) {
          if (this.arrivals.size > 0 && this.hasRoom()) await this.#handleArrival()
          else await this.arrivals.changed()
          await this.serviceActions()
        }
      })
    } finally {
      clearInterval(poll)
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Handles exactly one request, or calls `handleTimeout()` if none has come within `timeout`. */
  async handleRequest(): Promise<void> {
    await this.ready
    const late = new AbortController()
    late.signal.addEventListener('abort', () => this.arrivals.wake(), { once: true })
    const timer = this.timeout === null ? undefined : setTimeout(() => late.abort(), this.timeout)
    try {
      while (this.arrivals.size === 0 || !this.hasRoom()) {
        if (this.#state === 'closed') throw new SocketServerError('CLOSED', 'the server is closed')
        if (late.signal.aborted) return await this.handleTimeout()
        await this.arrivals.changed()
      }
    } finally {
      clearTimeout(timer)
    }
    await this.#handleArrival()
  }

  /**
   * Aborts `closing` and ends `serveForever()`; resolves when it has ended. Running requests go on. If the loop
   * has not started, the next `serveForever()` ends at once; the one after that serves again.
   */
  async shutdown(): Promise<void> {
    await this.#loop.stop(() => this.arrivals.wake())
  }

  /** Ends the loop, stops listening and turns away who waits in the queue. May be called more than once. */
  async serverClose(): Promise<void> {
    this.#state = 'closed'
    await this.#opened.catch(ignore)
    this.closeSocket()
    await this.#loop.end(() => this.arrivals.wake())
    for (let arrival = this.arrivals.shift(); arrival; arrival = this.arrivals.shift()) {
      this.closeRequest(arrival[0])
    }
  }

  /** Cuts every live request off. Handlers see their request close; `serverClose()` still waits for them. */
  closeAllRequests(): void {
    for (const request of this.#live) this.closeRequest(request)
  }

  /** Resolves as soon as no request is live. */
  async requestsEnded(): Promise<void> {
    await this.#live.ended()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serverClose()
  }

  notify(message: unknown, clientAddress?: Address): void {
    this.handleMessage(message, clientAddress)
  }

  /** The descriptor of the listening socket, -1 if there is none. */
  fileno(): number {
    return -1
  }

  async serverBind(): Promise<void> {
    await this.configured
  }

  async serverActivate(): Promise<void> {
    await this.prepareHandler()
  }

  /** Whether one more request may be taken now. Whoever makes it true again calls `arrivals.wake()`. */
  hasRoom(): boolean {
    return true
  }

  /** The next request. A system error here (the client has gone) skips the request. */
  getRequest(): Arrival | Promise<Arrival> {
    const arrival = this.arrivals.shift()
    if (arrival === undefined) throw new SocketServerError('CLOSED', 'no request is waiting')
    return arrival
  }

  verifyRequest(_request: unknown, _clientAddress: Address): boolean | Promise<boolean> {
    return true
  }

  async processRequest(request: unknown, clientAddress: Address): Promise<void> {
    await this.runRequest(request, clientAddress)
  }

  /** For `processRequest`: one request from `finishRequest()` to `shutdownRequest()`. Never rejects. */
  async runRequest(request: unknown, clientAddress: Address): Promise<void> {
    this.#live.add(request)
    try {
      await this.finishRequest(request, clientAddress)
    } catch (error) {
      this.#report(request, clientAddress, error)
    }
    await this.#shut(request, clientAddress)
    this.#live.delete(request)
    this.arrivals.wake()
  }

  async finishRequest(request: unknown, clientAddress: Address): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    await runHandler(await this.#handler, request, clientAddress, this)
  }

  /** Ends the request in order: everything written is sent first. */
  async shutdownRequest(request: unknown): Promise<void> {
    this.closeRequest(request)
  }

  /** Lets go of the request at once. */
  closeRequest(_request: unknown): void {}

  /** A handler threw, or its thread or child died. The default prints the error to stderr. */
  handleError(_request: unknown, clientAddress: Address, error: unknown): void {
    reportError(`Exception occurred during processing of request from ${inspect(clientAddress)}`, error)
  }

  /** `handleRequest()` waited for `timeout` and nothing came. */
  handleTimeout(): void | Promise<void> {}

  /** A connection never became a request: accepting failed (EMFILE), or the TLS handshake did. */
  handleAcceptError(_error: Error, _clientAddress?: Address): void {}

  /** A handler called `this.server.notify(message)`. */
  handleMessage(_message: unknown, _clientAddress?: Address): void {}

  /** Called once per turn of the loop of `serveForever()`. */
  serviceActions(): void | Promise<void> {}

  /** Stops listening, if it ever began. */
  protected closeSocket(): void {}

  /** Makes sure that handlers can run: fails here rather than at the first request. */
  protected async prepareHandler(): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    await this.#handler
  }

  async #open(): Promise<void> {
    await this.serverBind()
    await this.serverActivate()
  }

  async #handleArrival(): Promise<void> {
    let arrival: Arrival
    try {
      arrival = await this.getRequest()
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) return
      throw error
    }
    const [request, clientAddress] = arrival
    try {
      if (await this.verifyRequest(request, clientAddress)) {
        await this.processRequest(request, clientAddress)
        return
      }
    } catch (error) {
      this.#report(request, clientAddress, error)
    }
    await this.#shut(request, clientAddress)
  }

  async #shut(request: unknown, clientAddress: Address): Promise<void> {
    try {
      await this.shutdownRequest(request)
    } catch (error) {
      this.#report(request, clientAddress, error)
    }
  }

  #report(request: unknown, clientAddress: Address, error: unknown): void {
    try {
      this.handleError(request, clientAddress, error)
    } catch (failure) {
      reportError('handleError itself failed', failure)
    }
  }
}

type Arrival = readonly [request: unknown, clientAddress: Address]

function ignore(): void {}

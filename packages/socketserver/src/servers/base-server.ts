import type { ListenAddress } from '../address.js'
import type { HandlerSource } from '../handlers/handler-source.js'
import { SocketServerError } from '../socket-server-error.js'
import { RequestProcessor } from './request-processor.js'
import { ServeLoop } from './serve-loop.js'
import { fieldsOf, type ServerOptions } from './server-options.js'

export interface ServeOptions {
  /** Aborting it is `shutdown()`. */
  readonly signal?: AbortSignal
  /** Milliseconds between calls of `serviceActions()` while no request comes. Default: none then. */
  readonly pollInterval?: number
}

export interface CloseOptions {
  /**
   * Milliseconds that running requests have left. What still runs then is closed, so that its handler ends with an
   * error; a handler that has not ended a second later is given up: its thread is terminated, or its child killed.
   * Each such request has `handleError` with the code `TIMED_OUT`. Default: requests have all the time they need.
   */
  readonly timeout?: number
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
 *       verifyRequest()         false: shutdownRequest(), and nothing else; if it is async, mix-ins go on
 *                               to the next request meanwhile
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
 * - `verifyRequest` to turn clients away before anything is spent on them, `handleOverload` to tell those who
 *   exceed `maxConnections`;
 * - `handleError`, `handleWorkerExit`, `handleAcceptError` to log in your own way;
 * - `handleMessage` to hear what handlers `notify`, `handleQuestion` to answer what they `ask`;
 * - `getRequest` to wrap requests, `finishRequest` to run something else than a handler class;
 * - `serverBind` and `serverActivate` to do more on opening, `serviceActions` for work now and then;
 * - `processRequest` for another way to run many at once: it calls `runRequest`, awaited or not.
 *
 * A handler must not await `serverClose()` of the server that awaits it; it may call it, and await `shutdown()`.
 *
 * To serve something else than sockets derive from this class and put what comes into `arrivals`.
 */
export class BaseServer<Request = unknown> extends RequestProcessor<Request> implements AsyncDisposable {
  /** Milliseconds `handleRequest()` waits before it calls `handleTimeout()`. `null`: for ever. */
  timeout: number | null = null

  /** Settles when the server is bound and active. A failure is also thrown by `serveForever()`. */
  readonly ready: Promise<void>
  /** Resolves when the options have become fields. `serverBind()` waits for it. */
  protected readonly configured: Promise<void>
  protected readonly listenAddress: ListenAddress
  /** Whether stream requests are used in this process, or their descriptors passed to another. */
  protected readonly handsOver: 'nothing' | 'descriptors' = 'nothing'

  readonly #loop = new ServeLoop()
  readonly #opened: Promise<void>
  #state: 'open' | 'closed' = 'open'

  /** Binds and activates in the background: see `ready`, and `listen()`, which awaits it. */
  constructor(address: ListenAddress, handler: HandlerSource, options: ServerOptions = {}) {
    super(typeof address === 'object' && 'fd' in address ? '' : address, handler, options.context)
    this.listenAddress = address
    // Not now: the fields that a subclass declares are set only after this constructor has returned.
    this.configured = Promise.resolve().then(() => void Object.assign(this, fieldsOf(options, this)))
    this.#opened = this.configured.then(() => (options.bindAndActivate === false ? undefined : this.#open()))
    this.ready = this.#opened.catch(async (error: unknown) => {
      await this.serverClose()
      throw error
    })
    // serveForever(), handleRequest() and listen() throw it; until then it is nobody's unhandled rejection.
    this.ready.catch(ignore)
  }

  /** `new`, and `ready` awaited: `const server = await TCPServer.listen(['localhost', 0], Handler)`. */
  static async listen<Server extends BaseServer<any>, Handler extends HandlerSource>(
    this: new (
      address: ListenAddress,
      handler: Handler,
      options?: ServerOptions,
    ) => Server,
    address: ListenAddress,
    handler: NoInfer<Handler>,
    options?: ServerOptions,
  ): Promise<Server> {
    const server = new this(address, handler, options)
    await server.ready
    return server
  }

  get closing(): AbortSignal {
    return this.#loop.closing
  }

  /** Handles requests until `shutdown()`; what is running then goes on running. */
  async serveForever({ signal, pollInterval }: ServeOptions = {}): Promise<void> {
    const stop = () => void this.shutdown()
    const wake = () => this.arrivals.wake()
    let poll: NodeJS.Timeout | undefined
    try {
      await this.#loop.run(async () => {
        // Not `ready`: if opening failed, that one closes the server first, and closing waits for this loop.
        await this.#opened
        signal?.addEventListener('abort', stop, { once: true })
        if (signal?.aborted) stop()
        if (pollInterval !== undefined) poll = setInterval(wake, pollInterval)
        while (this.#loop.isRunning) {
          if (this.hasNext) await this.handleNext()
          else await this.arrivals.changed()
          await this.serviceActions()
        }
      })
    } finally {
      clearInterval(poll)
      signal?.removeEventListener('abort', stop)
      await this.ready
    }
  }

  /** Handles exactly one request, or calls `handleTimeout()` if none has come within `timeout`. */
  async handleRequest(): Promise<void> {
    await this.ready
    const late = new AbortController()
    late.signal.addEventListener('abort', () => this.arrivals.wake(), { once: true })
    const timer = this.timeout === null ? undefined : setTimeout(() => late.abort(), this.timeout)
    try {
      while (!this.hasNext) {
        if (this.#state === 'closed') throw new SocketServerError('CLOSED', 'the server is closed')
        if (late.signal.aborted) return await this.handleTimeout()
        await this.arrivals.changed()
      }
    } finally {
      clearTimeout(timer)
    }
    await this.handleArrival()
  }

  /**
   * Aborts `closing` and ends `serveForever()`. Resolves when the loop takes no more requests; those that run go
   * on and are not waited for, so that a handler may await this. If the loop has not started, the next
   * `serveForever()` ends at once; the one after that serves again. With a `timeout` running requests are waited
   * for, and cut short if they take longer.
   */
  async shutdown({ timeout }: CloseOptions = {}): Promise<void> {
    const ended = this.#loop.stop(() => this.arrivals.wake())
    if (timeout !== undefined) await this.endRequests(timeout)
    if (!this.isProcessing) await ended
  }

  /**
   * Ends the loop, stops listening and turns away who waits in the queue. May be called more than once, also with
   * another `timeout`.
   */
  async serverClose({ timeout }: CloseOptions = {}): Promise<void> {
    this.#state = 'closed'
    if (timeout !== undefined) void this.endRequests(timeout)
    await this.#settled(timeout)
    this.closeSocket()
    await this.#loop.end(() => this.arrivals.wake())
    this.turnAwayWaiting()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serverClose()
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

  async #open(): Promise<void> {
    await this.serverBind()
    await this.serverActivate()
  }

  /** Resolves when opening has succeeded or failed, or after `timeout`: a handler's module may load for ever. */
  async #settled(timeout: number | undefined): Promise<void> {
    const opened = this.#opened.catch(ignore)
    if (timeout === undefined) return await opened
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout)
    })
    await Promise.race([opened, late])
    clearTimeout(timer)
  }
}

function ignore(): void {}

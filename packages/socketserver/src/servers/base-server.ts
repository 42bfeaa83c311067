import type { Address, ListenAddress } from '../address.js'
import type { HandlerSource } from '../handlers/handler-source.js'
import { SocketServerError } from '../socket-server-error.js'
import { RequestProcessor } from './request-processor.js'
import { ServeLoop } from './serve-loop.js'
import { fieldsOf, type ServerOptions } from './server-options.js'

/** The options of `serveForever`. */
export interface ServeOptions {
  /** Aborting it calls `shutdown()`. */
  readonly signal?: AbortSignal
  /** Milliseconds between calls of `serviceActions()` while no request comes. By default it is not called then. */
  readonly pollInterval?: number
}

/** The options of `serverClose`. */
export interface CloseOptions {
  /**
   * Milliseconds that running requests have left. Requests that still run then are closed, so that their handlers
   * end with an error. A handler that has not ended a second later is given up: its thread is terminated, or its
   * child is killed. For each such request `handleError` is called with the code `TIMED_OUT`. By default requests have
   * all the time they need.
   */
  readonly timeout?: number
}

/**
 * A server waits for requests, and an object of a handler class handles each of them. Server classes define where
 * requests come from and how many run at once; handler classes (`BaseRequestHandler`) define what to do with one.
 *
 *     BaseServer ── StreamServer ──── TCPServer, UnixStreamServer
 *                └─ DatagramServer ── UDPServer, UnixDatagramServer
 *
 * These handle one request at a time. A mix-in makes them handle many: `AsyncMixIn` on the event loop,
 * `ThreadingMixIn` in worker threads, `ForkingMixIn` in child processes. `AsyncTCPServer` and eleven other
 * combinations are ready-made, and `class Mine extends ThreadingMixIn(YourServer) {}` makes another.
 *
 * Who calls what, in this order:
 *
 *     new XServer(address, handler, options)
 *       serverBind()            opens the socket; `serverAddress` now has the real port
 *       serverActivate()        gets handlers ready: loads the module, starts threads or children
 *       `ready` resolves, or rejects after serverClose() if one of them failed
 *     serveForever() does this for each request, handleRequest() for exactly one
 *       hasRoom()               false: the request waits in the queue
 *       getRequest()            the oldest request and its client's address
 *       verifyRequest()         false: only shutdownRequest() is called; if this hook is async, servers with
 *                               a mix-in take the next request meanwhile
 *       processRequest()        returns when the request is done; with a mix-in it returns at once
 *         finishRequest()       runs the handler: new, setup(), handle(), finish()
 *         handleError()         if any of them threw, or its thread or child died
 *         shutdownRequest()     sends what was written and ends the connection
 *           closeRequest()      destroys the connection
 *       serviceActions()        once in each turn of the loop
 *     handleTimeout()           instead of all this, if no request came within `timeout` of handleRequest()
 *     shutdown()                aborts `closing` and ends the loop
 *     serverClose()             closes the socket; waits for running requests if `blockOnClose`
 *
 * All of these run in the thread that constructed the server; only the handler may run elsewhere. Override
 *
 * - `verifyRequest` to turn clients away before their request costs anything, `handleOverload` to answer
 *   clients that exceed `maxConnections`, `verifyHandshake` to refuse them before a TLS handshake;
 * - `handleError`, `handleWorkerExit`, `handleAcceptError` to log in your own way;
 * - `handleMessage` to receive what handlers `notify`, `handleQuestion` to answer what they `ask`;
 * - `getRequest` to wrap requests, `finishRequest` to run something other than a handler class;
 * - `serverBind` and `serverActivate` to do more when the server opens, `serviceActions` for regular work;
 * - `processRequest` for another way to run many at once: it must call `runRequest`, and may await it.
 *
 * A handler must not await `serverClose()`, because that waits for the handler. It may await `shutdown()`.
 *
 * To serve something other than sockets, derive from this class and put the requests into `arrivals`.
 */
export class BaseServer<Request = unknown> extends RequestProcessor<Request> implements AsyncDisposable {
  /** Milliseconds that `handleRequest()` waits before it calls `handleTimeout()`. `null` sets no limit. */
  timeout: number | null = null

  /** Resolves when the server is bound and active. If that fails, this and `serveForever()` reject with the error. */
  readonly ready: Promise<void>
  /** Resolves when the fields are set from the options. `serverBind()` waits for it. */
  protected readonly configured: Promise<void>
  protected readonly listenAddress: ListenAddress
  /** 'descriptors': the descriptors of stream requests are passed to another process. 'nothing': they stay here. */
  protected readonly handsOver: 'nothing' | 'descriptors' = 'nothing'

  readonly #loop = new ServeLoop()
  readonly #opened: Promise<void>
  #isClosed = false

  /** Begins to bind and activate the server. Await `ready`, or use `listen()`, which does both. */
  constructor(address: ListenAddress, handler: HandlerSource, options: ServerOptions = {}) {
    super(
      Array.isArray(address) || typeof address === 'string' ? (address as Address) : '',
      handler,
      options.context,
    )
    this.listenAddress = address
    // Set the fields later, because the fields of a subclass are initialized after this constructor has returned.
    this.configured = Promise.resolve().then(() => void Object.assign(this, fieldsOf(options, this)))
    this.#opened = this.configured.then(() => (options.bindAndActivate === false ? undefined : this.#open()))
    this.ready = this.#opened.catch(async (error: unknown) => {
      await this.serverClose()
      throw error
    })
    // listen(), serveForever() and handleRequest() throw the error.
    // This catch prevents an unhandled rejection until one of them is called.
    this.ready.catch(ignore)
  }

  /** Constructs a server and awaits `ready`: `const server = await TCPServer.listen(['localhost', 0], Handler)`. */
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

  /** Handles requests until `shutdown()` is called. Requests that are running then go on running. */
  async serveForever({ signal, pollInterval }: ServeOptions = {}): Promise<void> {
    const stop = () => void this.shutdown()
    const wake = () => this.arrivals.wake()
    let poll: NodeJS.Timeout | undefined
    try {
      await this.#loop.run(async () => {
        // Awaiting `ready` here would never end if opening failed: `ready` closes the server, which waits for this loop.
        await this.#opened
        signal?.addEventListener('abort', stop, { once: true })
        if (signal?.aborted) stop()
        if (pollInterval !== undefined) poll = setInterval(wake, pollInterval)
        while (this.#loop.isRunning) {
          if (this.hasNext) await this.handleNext()
          else await this.arrivals.changed()
          await this.callHook(() => this.serviceActions())
        }
      })
    } finally {
      clearInterval(poll)
      signal?.removeEventListener('abort', stop)
      await this.ready
    }
  }

  /** Handles exactly one request, or calls `handleTimeout()` if none comes within `timeout`. */
  async handleRequest(): Promise<void> {
    await this.ready
    const late = new AbortController()
    late.signal.addEventListener('abort', () => this.arrivals.wake(), { once: true })
    const timer = this.timeout === null ? undefined : setTimeout(() => late.abort(), this.timeout)
    try {
      while (!this.hasNext) {
        if (this.#isClosed) throw new SocketServerError('CLOSED', 'the server is closed')
        if (late.signal.aborted) return await this.callHook(() => this.handleTimeout())
        await this.arrivals.changed()
      }
    } finally {
      clearTimeout(timer)
    }
    await this.handleArrival()
  }

  /**
   * Aborts `closing` and ends `serveForever()`. Resolves when the loop takes no more requests. Running requests go on,
   * and this does not wait for them, so a handler may await it. If the loop has not started, the next
   * `serveForever()` ends at once, and the one after that serves again. With a `timeout` this waits for the running
   * requests, and cuts them off if they take longer.
   */
  async shutdown({ timeout }: CloseOptions = {}): Promise<void> {
    const ended = this.#loop.stop(() => this.arrivals.wake())
    if (timeout !== undefined) await this.endRequests(timeout)
    if (!this.isProcessing) await ended
  }

  /**
   * Ends the loop, stops listening and turns away the requests that wait in the queue. It may be called again, also
   * with another `timeout`.
   */
  async serverClose({ timeout }: CloseOptions = {}): Promise<void> {
    this.#isClosed = true
    if (timeout !== undefined) void this.endRequests(timeout)
    await this.#settled(timeout)
    this.closeSocket()
    await this.#loop.end(() => this.arrivals.wake())
    this.turnAwayWaiting()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serverClose()
  }

  /** The descriptor of the listening socket, or -1 if there is none. */
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

  /** Waits until opening has succeeded or failed, at most for `timeout`: a handler's module may load for ever. */
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

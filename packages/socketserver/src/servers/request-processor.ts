import type { Address } from '../address.js'
import { type HandlerClass, type HandlerSource, loadHandler, runHandler } from '../handlers/handler-source.js'
import { SocketServerError } from '../socket-server-error.js'
import { ArrivalQueue } from './arrival-queue.js'
import { reportError } from './error-report.js'
import { LiveRequests } from './live-requests.js'
import { OpenQuestions } from './open-questions.js'
import { RunningRequest } from './running-request.js'
import { ServerHooks } from './server-hooks.js'

export type Arrival = readonly [request: unknown, clientAddress: Address]

/** The way of one request through a server, from `getRequest()` to `shutdownRequest()`. */
export abstract class RequestProcessor extends ServerHooks {
  /**
   * Milliseconds one handler may run, counted from when the request is handed to it or to its worker. Then its request is closed, and the error has the code `TIMED_OUT`. A handler
   * that doesn't end in spite of that is given up a second later, and with it the thread or child if it doesn't
   * answer or has nothing else to do. `null`: for ever.
   */
  handlerTimeout: number | null = null
  /** Where the server listens: after binding the true address, with the port the system chose. */
  serverAddress: Address
  /** `options.context`, for the handlers. */
  readonly context: unknown
  abstract readonly closing: AbortSignal
  abstract shutdown(): Promise<void>

  /** What has come and is not yet taken. */
  protected readonly arrivals = new ArrivalQueue<Arrival>()
  protected readonly requestHandler: HandlerSource
  readonly #live = new LiveRequests()
  readonly #questions = new OpenQuestions()
  readonly #ender = {
    close: (request: unknown) => this.closeRequest(request),
    abandon: (request: unknown) => this.abandonRequest(request),
  }
  #handler: Promise<HandlerClass> | undefined
  #processing = false

  constructor(serverAddress: Address, requestHandler: HandlerSource, context: unknown) {
    super()
    this.serverAddress = serverAddress
    this.requestHandler = requestHandler
    this.context = context
  }

  /** Requests taken and not yet shut down. */
  get activeRequests(): number {
    return this.#live.size
  }

  /** Whether the loop waits in `processRequest()`. One request at a time, that is while the handler runs. */
  protected get isProcessing(): boolean {
    return this.#processing
  }

  /**
   * Cuts every live request off. Handlers see their request close, and what they have asked rejects;
   * `serverClose()` still waits for them.
   */
  closeAllRequests(): void {
    for (const request of this.#live) this.closeRequest(request)
    this.#rejectQuestions()
  }

  /** Resolves as soon as no request is live. */
  async requestsEnded(): Promise<void> {
    await this.#live.ended()
  }

  notify(message: unknown, clientAddress?: Address): void {
    this.handleMessage(message, clientAddress)
  }

  /** What a handler that asks gets. */
  answerQuestion(question: unknown, request: unknown, clientAddress: Address): Promise<unknown> {
    return this.#questions.settle(() => this.handleQuestion(question, request, clientAddress))
  }

  /** The next request. A system error here (the client has gone) skips the request. */
  getRequest(): Arrival | Promise<Arrival> {
    const arrival = this.arrivals.shift()
    if (arrival === undefined) throw new SocketServerError('CLOSED', 'no request is waiting')
    return arrival
  }

  /** Resolves when the next request may be taken. */
  async processRequest(request: unknown, clientAddress: Address): Promise<void> {
    await this.runRequest(request, clientAddress)
  }

  /** For `processRequest`: one request from `finishRequest()` to `shutdownRequest()`. Never rejects. */
  async runRequest(request: unknown, clientAddress: Address): Promise<void> {
    const running = new RunningRequest(request, this.#ender)
    this.#live.add(request, running)
    try {
      await running.run(() => this.finishRequest(request, clientAddress), this.handlerTimeout)
    } catch (error) {
      this.#report(request, clientAddress, error)
    }
    await this.#shut(request, clientAddress)
    this.#live.delete(request)
    this.arrivals.wake()
  }

  /**
   * Called when a handler has not ended though its request was closed: ends whatever runs it. On the event loop
   * nothing can.
   */
  protected abandonRequest(_request: unknown): void {}

  /** Resolves when no request is live. Those that still are after that many milliseconds are cut short. */
  protected async endRequests(timeout: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#live.cutAll(`the handler had not ended ${timeout} ms after the server began to close`)
      this.#rejectQuestions()
    }, timeout)
    await this.#live.ended()
    clearTimeout(timer)
  }

  /** Runs the handler. Rejects with what it threw. */
  async finishRequest(request: unknown, clientAddress: Address): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    const ask = (question: unknown) => this.answerQuestion(question, request, clientAddress)
    await runHandler(await this.#handler, request, clientAddress, this, ask)
  }

  /** Makes sure that handlers can run: fails here rather than at the first request. */
  protected async prepareHandler(): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    await this.#handler
  }

  /** Takes one request out of the queue. */
  protected async handleArrival(): Promise<void> {
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
        this.#processing = true
        await this.processRequest(request, clientAddress)
        return
      }
    } catch (error) {
      this.#report(request, clientAddress, error)
    } finally {
      this.#processing = false
    }
    await this.#shut(request, clientAddress)
  }

  #rejectQuestions(): void {
    this.#questions.rejectAll(
      new SocketServerError('CLOSED', 'the server cut all requests off before it answered the question'),
    )
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

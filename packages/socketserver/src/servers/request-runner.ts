import type { Address } from '../address.js'
import { type HandlerClass, type HandlerSource, loadHandler, runHandler } from '../handlers/handler-source.js'
import { SocketServerError } from '../socket-server-error.js'
import { LiveRequests } from './live-requests.js'
import { OpenQuestions } from './open-questions.js'
import { RunningRequest } from './running-request.js'
import { ServerHooks } from './server-hooks.js'

/** The way of one request through a server from `finishRequest()` to `shutdownRequest()`. */
export abstract class RequestRunner<Request = unknown> extends ServerHooks<Request> {
  /**
   * Milliseconds one handler may run, counted from when the request is handed to it or to its worker. Then its
   * request is closed, and the error has the code `TIMED_OUT`. A handler that doesn't end in spite of that is given
   * up a second later, and its thread or child ended if it doesn't answer or has nothing else to do. `null`: for
   * ever.
   */
  handlerTimeout: number | null = null
  /** Where the server listens: after binding the true address, with the port the system chose. */
  serverAddress: Address
  /** `options.context`, for the handlers. */
  readonly context: unknown
  abstract readonly closing: AbortSignal
  abstract shutdown(): Promise<void>

  protected readonly requestHandler: HandlerSource
  readonly #live = new LiveRequests<Request>()
  readonly #questions = new OpenQuestions()
  readonly #ender = {
    close: (request: Request) => void this.callHook(() => this.closeRequest(request), request),
    abandon: (request: Request) => this.abandonRequest(request),
  }
  #handler: Promise<HandlerClass> | undefined

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

  /**
   * Cuts every live request off. Handlers see their request close, and what they have asked rejects;
   * `serverClose()` still waits for them.
   */
  closeAllRequests(): void {
    for (const request of this.#live) this.#ender.close(request)
    this.#rejectQuestions()
  }

  /** Resolves as soon as no request is live. */
  async requestsEnded(): Promise<void> {
    await this.#live.ended()
  }

  notify(message: unknown, clientAddress?: Address): void {
    void this.callHook(() => this.handleMessage(message, clientAddress), undefined, clientAddress)
  }

  /** What a handler that asks gets. */
  answerQuestion(question: unknown, request: Request, clientAddress: Address): Promise<unknown> {
    return this.#questions.settle(() => this.handleQuestion(question, request, clientAddress))
  }

  /** For `processRequest`: one request from `finishRequest()` to `shutdownRequest()`. Never rejects. */
  async runRequest(request: Request, clientAddress: Address): Promise<void> {
    const running = new RunningRequest(request, this.#ender)
    this.#live.add(request, running)
    try {
      await running.run(() => this.finishRequest(request, clientAddress), this.handlerTimeout)
    } catch (error) {
      await this.report(request, clientAddress, error)
    }
    await this.callHook(() => this.shutdownRequest(request), request, clientAddress)
    this.#live.delete(request)
    this.requestEnded()
  }

  /** Runs the handler. Rejects with what it threw. */
  async finishRequest(request: Request, clientAddress: Address): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    const ask = (question: unknown) => this.answerQuestion(question, request, clientAddress)
    await runHandler(await this.#handler, request, clientAddress, this, ask)
  }

  /** Makes sure that handlers can run: fails here rather than at the first request. */
  protected async prepareHandler(): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    await this.#handler
  }

  /** There may be room for another. */
  protected abstract requestEnded(): void

  /**
   * Called when a handler has not ended though its request was closed: ends whatever runs it. On the event loop
   * nothing can.
   */
  protected abandonRequest(_request: Request): void {}

  /** Resolves when no request is live. Those that still are after that many milliseconds are cut short. */
  protected async endRequests(timeout: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#live.cutAll(`the handler had not ended ${timeout} ms after the server began to close`)
      this.#rejectQuestions()
    }, timeout)
    await this.#live.ended()
    clearTimeout(timer)
  }

  #rejectQuestions(): void {
    this.#questions.rejectAll(
      new SocketServerError('CLOSED', 'the server cut all requests off before it answered the question'),
    )
  }
}

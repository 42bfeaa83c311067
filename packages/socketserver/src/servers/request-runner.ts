import type { Address } from '../address.js'
import { type HandlerClass, type HandlerSource, loadHandler, runHandler } from '../handlers/handler-source.js'
import { SocketServerError } from '../socket-server-error.js'
import { LiveRequests } from './live-requests.js'
import { OpenQuestions } from './open-questions.js'
import { RunningRequest } from './running-request.js'
import { ServerHooks } from './server-hooks.js'

/** Takes each request through the hooks from `finishRequest()` to `shutdownRequest()`. */
export abstract class RequestRunner<Request = unknown> extends ServerHooks<Request> {
  /**
   * Milliseconds that one handler may run, counted from the moment when it or its worker gets the request. Then the
   * request is closed, and `handleError` gets an error with the code `TIMED_OUT`. If the handler still runs a second
   * later, it is given up, and its thread or child is ended if that doesn't answer or has no other request. `null`
   * sets no limit.
   */
  handlerTimeout: number | null = null
  /** The address on which the server listens. After binding it has the port that the system chose. */
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

  /** The number of requests that were taken and are not shut down yet. */
  get activeRequests(): number {
    return this.#live.size
  }

  /**
   * Closes all running requests, and rejects the open questions of their handlers. `serverClose()` still waits for the
   * handlers to end.
   */
  closeAllRequests(): void {
    for (const request of this.#live) this.#ender.close(request)
    this.#rejectQuestions()
  }

  /** Resolves as soon as no request is running. */
  async requestsEnded(): Promise<void> {
    await this.#live.ended()
  }

  notify(message: unknown, clientAddress?: Address): void {
    void this.callHook(() => this.handleMessage(message, clientAddress), undefined, clientAddress)
  }

  /** Resolves with the answer that the handler gets. */
  answerQuestion(question: unknown, request: Request, clientAddress: Address): Promise<unknown> {
    return this.#questions.settle(() => this.handleQuestion(question, request, clientAddress))
  }

  /** Handles one request from `finishRequest()` to `shutdownRequest()`; `processRequest` calls it. Never rejects. */
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

  /** Loads the handler now, so that an error is thrown here and not at the first request. */
  protected async prepareHandler(): Promise<void> {
    this.#handler ??= loadHandler(this.requestHandler)
    await this.#handler
  }

  /** Called when a request has ended, so that there may be room for another. */
  protected abstract requestEnded(): void

  /**
   * Called if a handler has not ended although its request was closed. Servers with workers end the worker. Here it
   * does nothing, because a handler on the event loop can't be stopped.
   */
  protected abandonRequest(_request: Request): void {}

  /** Resolves when no request is running. Requests that still run after `timeout` milliseconds are cut off. */
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

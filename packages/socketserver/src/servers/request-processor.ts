import type { Address } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { ArrivalQueue } from './arrival-queue.js'
import { RequestRunner } from './request-runner.js'

export type Arrival<Request = unknown> = readonly [request: Request, clientAddress: Address]

/** Largest number of `verifyRequest` calls that are awaited at the same time. */
const VERIFIED_AT_ONCE = 256

/** Takes each request through the hooks from `getRequest()` to `processRequest()`. */
export abstract class RequestProcessor<Request = unknown> extends RequestRunner<Request> {
  /** Requests that have come and are not taken yet. */
  protected readonly arrivals = new ArrivalQueue<Arrival<Request>>()
  /** 'side by side': the loop takes the next request while `verifyRequest` is awaited for the last one. */
  protected readonly verification: 'one by one' | 'side by side' = 'one by one'
  /** Requests that were let in and are not processed yet, oldest first. */
  readonly #verified: Arrival<Request>[] = []
  #verifying = 0
  #isTurningAway = false
  #isProcessing = false

  /** The number of requests that wait, are being verified or run. */
  protected get heldRequests(): number {
    return this.arrivals.size + this.#verifying + this.#verified.length + this.activeRequests
  }

  /** In a server that handles one request at a time, this is true while a handler runs. */
  protected get isProcessing(): boolean {
    return this.#isProcessing
  }

  /**
   * Returns the next request. If this throws, that request is closed. `handleError` gets the error, unless it is a
   * system error, because then the client has gone.
   */
  getRequest(): Arrival<Request> | Promise<Arrival<Request>> {
    const arrival = this.arrivals.shift()
    if (arrival === undefined)
      throw new SocketServerError('CLOSED', 'no request is waiting: call getRequest() only if one has come')
    return arrival
  }

  /** Handles the request, and resolves when the next one may be taken. */
  async processRequest(request: Request, clientAddress: Address): Promise<void> {
    await this.runRequest(request, clientAddress)
  }

  protected override requestEnded(): void {
    this.arrivals.wake()
  }

  /** Whether `handleNext()` has something to do. */
  protected get hasNext(): boolean {
    const mayVerify = this.arrivals.size > 0 && this.#verifying < VERIFIED_AT_ONCE
    return (mayVerify || this.#verified.length > 0) && this.#mayTake()
  }

  /** Handles one request, or only begins to verify it if the next one need not wait for that. */
  protected async handleNext(): Promise<void> {
    if (this.verification === 'one by one' || this.#verified.length > 0) await this.handleArrival()
    else {
      const arrival = await this.#take()
      if (arrival === undefined) return
      const verdict = this.#verdict(arrival)
      if (verdict === true) await this.#process(arrival)
      else if (verdict === false) await this.#turnAway(arrival)
      else this.#awaitVerdict(arrival, verdict)
    }
  }

  /** Takes one request out of the queue. Resolves when it is processed. */
  protected async handleArrival(): Promise<void> {
    const verified = this.#verified.shift()
    if (verified) return await this.#process(verified)
    const arrival = await this.#take()
    if (arrival === undefined) return
    this.#verifying += 1
    const verdict = await this.#verdict(arrival)
    this.#verifying -= 1
    if (verdict) await this.#process(arrival)
    else await this.#turnAway(arrival)
  }

  /** Closes the requests that wait. From now on verified requests are closed too. */
  protected turnAwayWaiting(): void {
    this.#isTurningAway = true
    const waiting = this.#verified.splice(0)
    for (let arrival = this.arrivals.shift(); arrival; arrival = this.arrivals.shift()) waiting.push(arrival)
    for (const [request, clientAddress] of waiting) {
      void this.callHook(() => this.closeRequest(request), request, clientAddress)
    }
  }

  /** If `hasRoom` throws, the request waits. */
  #mayTake(): boolean {
    try {
      return this.hasRoom()
    } catch (error) {
      void this.report(undefined, undefined, error)
      return false
    }
  }

  async #take(): Promise<Arrival<Request> | undefined> {
    const { oldest } = this.arrivals
    try {
      return await this.getRequest()
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) await this.report(undefined, undefined, error)
      // An override may throw before it has taken the request, and with the same request it would throw for ever.
      if (oldest !== undefined && this.arrivals.oldest === oldest) this.arrivals.shift()
      if (oldest !== undefined) await this.#turnAway(oldest)
      return undefined
    }
  }

  #awaitVerdict(arrival: Arrival<Request>, verdict: Promise<boolean>): void {
    this.#verifying += 1
    void verdict.then(async (isLetIn) => {
      this.#verifying -= 1
      if (isLetIn && !this.#isTurningAway) this.#verified.push(arrival)
      else await this.#turnAway(arrival)
      this.arrivals.wake()
    })
  }

  /** If `verifyRequest` throws, the request is refused. This method itself never throws or rejects. */
  #verdict(arrival: Arrival<Request>): boolean | Promise<boolean> {
    const [request, clientAddress] = arrival
    const refused = async (error: unknown) => {
      await this.report(request, clientAddress, error)
      return false
    }
    try {
      const verdict = this.verifyRequest(request, clientAddress)
      return typeof verdict === 'boolean' ? verdict : Promise.resolve(verdict).catch(refused)
    } catch (error) {
      return refused(error)
    }
  }

  async #process([request, clientAddress]: Arrival<Request>): Promise<void> {
    this.#isProcessing = true
    try {
      await this.processRequest(request, clientAddress)
    } catch (error) {
      await this.report(request, clientAddress, error)
      await this.#turnAway([request, clientAddress])
    } finally {
      this.#isProcessing = false
    }
  }

  async #turnAway([request, clientAddress]: Arrival<Request>): Promise<void> {
    await this.callHook(() => this.shutdownRequest(request), request, clientAddress)
  }
}

import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import type { PoolWorker, WorkerExit } from './pool-worker.js'

export interface WorkerPoolOptions<Worker> {
  readonly create: () => Worker
  /** Number of workers. */
  readonly size: number
  /** Number of requests that one worker may run at the same time. */
  readonly requestsPerWorker: number
  /** A worker ended by itself, or its replacement could not start. */
  readonly onExit: (error: Error) => void
}

/** A fixed number of workers. Each runs many requests, and the least loaded worker gets the next one. */
export class WorkerPool<Worker extends PoolWorker> {
  readonly #options: WorkerPoolOptions<Worker>
  readonly #workers: Worker[] = []
  #closing: AbortSignal | undefined
  #isReplacing = true

  constructor(options: WorkerPoolOptions<Worker>) {
    this.#options = options
  }

  get hasRoom(): boolean {
    return this.#usable().length < this.#options.size || this.#withRoom().length > 0
  }

  /** Resolves when all workers have loaded the handler. */
  async start(): Promise<void> {
    while (this.#workers.length < this.#options.size) this.#add()
    await Promise.all(this.#workers.map((worker) => worker.ready))
  }

  /** Runs one request. `closing` is passed on to the workers when it is aborted. */
  run(request: Socket | DatagramRequest, clientAddress: Address, closing: AbortSignal): Promise<void> {
    this.#follow(closing)
    return this.#leastLoaded().run(request, clientAddress)
  }

  /** Closes the request in the worker that has it. Returns false if none has it. */
  close(request: Socket | DatagramRequest): boolean {
    return this.#workers.some((worker) => worker.close(request))
  }

  /** Gives up a request whose handler does not end. */
  abandon(request: Socket | DatagramRequest): void {
    this.#workers.some((worker) => worker.abandon(request))
  }

  /** From now on a worker that ends is replaced only if another request comes. */
  replaceNoMore(): void {
    this.#isReplacing = false
  }

  async stop(): Promise<void> {
    this.replaceNoMore()
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  #leastLoaded(): Worker {
    this.#fill()
    const withRoom = this.#withRoom()
    const workers = withRoom.length > 0 ? withRoom : this.#usable()
    return workers.reduce((least, worker) => (worker.load < least.load ? worker : least))
  }

  #withRoom(): Worker[] {
    const { requestsPerWorker } = this.#options
    return this.#workers.filter(({ mayTake, load }) => mayTake && load < requestsPerWorker)
  }

  #usable(): Worker[] {
    return this.#workers.filter(({ isUsable }) => isUsable)
  }

  /** Starts workers until the pool has its full size again. */
  #fill(): void {
    while (this.#usable().length < this.#options.size) this.#add().ready.catch(this.#options.onExit)
  }

  #add(): Worker {
    const worker = this.#options.create()
    this.#workers.push(worker)
    if (this.#closing?.aborted) worker.tell('closing')
    void worker.exited.then((exit) => this.#onExit(worker, exit))
    return worker
  }

  #onExit(worker: Worker, { from, error }: WorkerExit): void {
    this.#workers.splice(this.#workers.indexOf(worker), 1)
    // A worker that failed to start is replaced when a request comes, not at once: it might fail again and again.
    if (from !== 'ready') return
    // Report this later, so that `handleError` is called for the failed requests first.
    setImmediate(() => this.#options.onExit(error))
    if (this.#isReplacing) this.#fill()
  }

  #follow(closing: AbortSignal): void {
    if (closing === this.#closing) return
    const tell = (news: 'closing' | 'serving') => {
      for (const worker of this.#workers) worker.tell(news)
    }
    if (this.#closing?.aborted && !closing.aborted) tell('serving')
    this.#closing = closing
    if (closing.aborted) tell('closing')
    else closing.addEventListener('abort', () => tell('closing'), { once: true })
  }
}

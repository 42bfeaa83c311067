import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import type { PoolWorker, WorkerExit } from './pool-worker.js'

export interface WorkerPoolOptions<Worker> {
  readonly create: () => Worker
  /** Workers. */
  readonly size: number
  /** Requests one worker runs at once. */
  readonly requestsPerWorker: number
  /** A worker ended by itself, or one that was to replace it could not start. */
  readonly onExit: (error: Error) => void
}

/** A fixed number of workers, each running many requests; the least loaded gets the next one. */
export class WorkerPool<Worker extends PoolWorker> {
  readonly #options: WorkerPoolOptions<Worker>
  readonly #workers: Worker[] = []
  #closing: AbortSignal | undefined
  #state: 'running' | 'ending' = 'running'

  constructor(options: WorkerPoolOptions<Worker>) {
    this.#options = options
  }

  get hasRoom(): boolean {
    const { size, requestsPerWorker } = this.#options
    const usable = this.#usable()
    return usable.length < size || usable.some((worker) => worker.load < requestsPerWorker)
  }

  /** Resolves when all workers have loaded the handler. */
  async start(): Promise<void> {
    while (this.#workers.length < this.#options.size) this.#add()
    await Promise.all(this.#workers.map((worker) => worker.ready))
  }

  /** Runs one request. `closing` is passed on to the workers when it is aborted. */
  async run(request: Socket | DatagramRequest, clientAddress: Address, closing: AbortSignal): Promise<void> {
    this.#follow(closing)
    await this.#leastLoaded().run(request, clientAddress)
  }

  /** Has the worker let go of the request; false if none has it. */
  close(request: Socket | DatagramRequest): boolean {
    return this.#workers.some((worker) => worker.close(request))
  }

  /** Gives up a request whose handler does not end. */
  abandon(request: Socket | DatagramRequest): void {
    this.#workers.some((worker) => worker.abandon(request))
  }

  /** From now on a worker that ends is replaced only if a request needs it. */
  replaceNoMore(): void {
    this.#state = 'ending'
  }

  async stop(): Promise<void> {
    this.replaceNoMore()
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  #leastLoaded(): Worker {
    this.#fill()
    return this.#usable().reduce((least, worker) => (worker.load < least.load ? worker : least))
  }

  #usable(): Worker[] {
    return this.#workers.filter(({ isUsable }) => isUsable)
  }

  /** Replaces what is missing. */
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
    // One that fails to start is not replaced at once, lest that go on for ever, but when a request needs it.
    if (from !== 'ready') return
    // Its requests, which have failed just now, have `handleError` first.
    setImmediate(() => this.#options.onExit(error))
    if (this.#state === 'running') this.#fill()
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

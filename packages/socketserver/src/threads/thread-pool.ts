import type { Socket } from 'node:net'
import type { ResourceLimits } from 'node:worker_threads'
import type { Address } from '../address.js'
import type { ThreadStart } from './thread-message.js'
import { type ThreadExit, WorkerThread } from './worker-thread.js'

export interface ThreadPoolOptions {
  readonly start: ThreadStart
  /** Threads. */
  readonly size: number
  /** Requests one thread runs at once. */
  readonly requestsPerThread: number
  /** Whether threads let the process exit. */
  readonly daemon: boolean
  readonly limits: ResourceLimits | null
  readonly onNotify: (message: unknown, clientAddress: Address | undefined) => void
  readonly onExit: (error: Error) => void
}

/** A fixed number of worker threads, each running many requests; the least loaded gets the next one. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions
  readonly #threads: WorkerThread[] = []
  #closing: AbortSignal | undefined
  #state: 'running' | 'stopped' = 'running'

  constructor(options: ThreadPoolOptions) {
    this.#options = options
  }

  /** Resolves when all threads have loaded the handler. */
  async start(): Promise<void> {
    while (this.#threads.length < this.#options.size) this.#add()
    await Promise.all(this.#threads.map((thread) => thread.ready))
  }

  get hasRoom(): boolean {
    const { size, requestsPerThread } = this.#options
    return this.#threads.length < size || this.#threads.some((thread) => thread.load < requestsPerThread)
  }

  /** Runs one request. `closing` is passed on to the threads when it is aborted. */
  async run(socket: Socket, clientAddress: Address, closing: AbortSignal): Promise<void> {
    this.#follow(closing)
    await this.#leastLoaded().run(socket, clientAddress)
  }

  async stop(): Promise<void> {
    this.#state = 'stopped'
    await Promise.all(this.#threads.map((thread) => thread.stop()))
  }

  #leastLoaded(): WorkerThread {
    while (this.#threads.length < this.#options.size) this.#add()
    return this.#threads.reduce((least, thread) => (thread.load < least.load ? thread : least))
  }

  #add(): void {
    const thread = new WorkerThread(this.#options)
    thread.ready.catch(ignore)
    this.#threads.push(thread)
    if (this.#closing?.aborted) thread.tell('closing')
    thread.exited.then((exit) => this.#onExit(thread, exit), ignore)
  }

  #onExit(thread: WorkerThread, { from, error }: ThreadExit): void {
    this.#threads.splice(this.#threads.indexOf(thread), 1)
    if (from === 'stopping') return
    this.#options.onExit(error)
    // One that fails to start is not started again at once, lest it do so for ever: see #leastLoaded.
    if (from === 'ready' && this.#state === 'running') this.#add()
  }

  #follow(closing: AbortSignal): void {
    if (closing === this.#closing) return
    const tell = (news: 'closing' | 'serving') => {
      for (const thread of this.#threads) thread.tell(news)
    }
    if (this.#closing?.aborted && !closing.aborted) tell('serving')
    this.#closing = closing
    if (closing.aborted) tell('closing')
    else closing.addEventListener('abort', () => tell('closing'), { once: true })
  }
}

function ignore(): void {}

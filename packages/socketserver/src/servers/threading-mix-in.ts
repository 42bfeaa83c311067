import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import type { Address } from '../address.js'
import { requireModule } from '../handlers/handler-source.js'
import { ThreadPool } from '../threads/thread-pool.js'
import { AsyncMixIn, type Concurrent } from './async-mix-in.js'
import { reportError } from './error-report.js'
import type { Constructor, ServerClass } from './mix-in.js'

export interface Threading extends Concurrent {
  /** Worker threads in the pool, started when the server is activated. Default: one per available core. */
  maxThreads: number
  /**
   * Requests one thread runs at once, on its event loop; what comes when all threads have that many waits in
   * the queue. Default: no limit. 1 is Python's way: a thread has one request and may block for it.
   */
  requestsPerThread: number
  /** Whether requests still running let the process exit, and are not waited for by `serverClose()`. */
  daemonThreads: boolean
  /** Limits of V8's memory in each worker thread, MiB. `null`: Node's own. */
  threadLimits: ResourceLimits | null
  /** A worker thread died by itself. Its requests have had `handleError`; the default prints to stderr. */
  handleWorkerExit(error: Error): void
}

/**
 * Handles requests in a fixed pool of worker threads. A socket can't move between threads of Node, so the main
 * thread keeps it and moves its bytes; what a handler costs besides is the worker's. The handler must be the
 * URL of a module, and `context` cloneable.
 */
export function ThreadingMixIn<Base extends ServerClass>(base: Base): Base & Constructor<Threading> {
  return class extends AsyncMixIn(base) implements Threading {
    maxThreads = availableParallelism()
    requestsPerThread = Number.POSITIVE_INFINITY
    daemonThreads = false
    threadLimits: ResourceLimits | null = null
    #pool: ThreadPool | undefined

    handleWorkerExit(error: Error): void {
      reportError('A worker thread ended and is replaced', error)
    }

    override hasRoom(): boolean {
      return this.#pool?.hasRoom ?? false
    }

    override async finishRequest(request: Socket, clientAddress: Address): Promise<void> {
      if (this.daemonThreads) request.unref()
      await this.#pool?.run(request, clientAddress, this.closing)
    }

    override async serverClose(): Promise<void> {
      if (this.daemonThreads) this.blockOnClose = false
      await super.serverClose()
      const stopped = this.requestsEnded().then(() => this.#pool?.stop())
      if (this.activeRequests === 0 || this.blockOnClose) await stopped
    }

    protected override async prepareHandler(): Promise<void> {
      const { context, serverAddress } = this
      this.#pool = new ThreadPool({
        start: { handler: requireModule(this.requestHandler).href, context, serverAddress },
        size: this.maxThreads,
        requestsPerThread: this.requestsPerThread,
        daemon: this.daemonThreads,
        limits: this.threadLimits,
        onNotify: (message, clientAddress) => this.handleMessage(message, clientAddress),
        onExit: (error) => this.handleWorkerExit(error),
      })
      await this.#pool.start()
    }
  }
}

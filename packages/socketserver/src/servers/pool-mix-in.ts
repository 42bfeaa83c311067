import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import type { PoolWorker, WorkerEvents } from '../workers/pool-worker.js'
import type { WorkerPool } from '../workers/worker-pool.js'
import { AsyncMixIn, type Concurrent } from './async-mix-in.js'
import type { CloseOptions } from './base-server.js'
import { reportError } from './error-report.js'
import type { Constructor, ServerClass } from './mix-in.js'

export interface Pooled extends Concurrent {
  /** A worker ended by itself. `handleError` was called for its requests before. The default prints to stderr. */
  handleWorkerExit(error: Error): void | Promise<void>
  /** Called by `serverActivate()`. */
  createPool(): WorkerPool<PoolWorker>
  /** Node's own arguments for each worker (`--import`, `--enable-source-maps`, …). `null` keeps those of this process. */
  execArgv: readonly string[] | null
  /** Environment variables of each worker. `null` copies those of this process. */
  env: NodeJS.ProcessEnv | null
  /** What the workers of the pool call on this server. */
  readonly workerEvents: WorkerEvents
}

/** What worker threads and child processes have in common. */
export function PoolMixIn<Base extends ServerClass>(base: Base): Base & Constructor<Pooled> {
  return class extends AsyncMixIn(base) implements Pooled {
    execArgv: readonly string[] | null = null
    env: NodeJS.ProcessEnv | null = null
    #pool: WorkerPool<PoolWorker> | undefined

    readonly workerEvents: WorkerEvents = {
      notified: (message, clientAddress) => this.notify(message, clientAddress),
      acceptFailed: (error, clientAddress) =>
        void this.callHook(() => this.handleAcceptError(error, clientAddress), undefined, clientAddress),
      hasRoomAgain: () => this.requestEnded(),
      exited: (error) => void this.callHook(() => this.handleWorkerExit(error)),
      asked: (question, request, clientAddress) => this.answerQuestion(question, request, clientAddress),
      shutdown: () => this.shutdown(),
    }

    createPool(): WorkerPool<PoolWorker> {
      throw new Error(
        'PoolMixIn has no workers of its own: use ThreadingMixIn or ForkingMixIn, or override createPool()',
      )
    }

    handleWorkerExit(error: Error): void | Promise<void> {
      reportError('A worker ended and is replaced', error)
    }

    override hasRoom(): boolean {
      return this.#pool?.hasRoom ?? false
    }

    // Not `async`, like what it calls: each async function that waits for a request costs half a KiB as long as it runs.
    override finishRequest(request: Socket | DatagramRequest, clientAddress: Address): Promise<void> {
      return this.#pool?.run(request, clientAddress, this.closing) ?? Promise.resolve()
    }

    override async closeRequest(request: Socket | DatagramRequest): Promise<void> {
      if (!this.#pool?.close(request)) await super.closeRequest(request)
    }

    override async serverClose(options?: CloseOptions): Promise<void> {
      this.#pool?.replaceNoMore()
      await super.serverClose(options)
      const stopped = this.requestsEnded().then(() => this.#pool?.stop())
      if (this.activeRequests === 0) await stopped
    }

    protected override abandonRequest(request: Socket | DatagramRequest): void {
      this.#pool?.abandon(request)
    }

    protected override async prepareHandler(): Promise<void> {
      this.#pool = this.createPool()
      await this.#pool.start()
    }
  }
}

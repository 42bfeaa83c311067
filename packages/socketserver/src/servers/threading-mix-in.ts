import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import { requireModule } from '../handlers/handler-source.js'
import { WorkerThread } from '../threads/worker-thread.js'
import type { PoolWorker } from '../workers/pool-worker.js'
import { WorkerPool } from '../workers/worker-pool.js'
import type { CloseOptions } from './base-server.js'
import type { Constructor, ServerClass } from './mix-in.js'
import { type Pooled, PoolMixIn } from './pool-mix-in.js'

/** What a server with `ThreadingMixIn` has besides. */
export interface Threading extends Pooled {
  /** Number of worker threads. They start when the server is activated. The default is one for each available core. */
  maxThreads: number
  /**
   * Number of requests that one thread runs at the same time on its event loop. If all threads have that many, further
   * requests wait in the queue. By default there is no limit. With 1, as in Python, a handler may block its thread.
   */
  requestsPerThread: number
  /** If true, running requests do not keep the process alive, and `serverClose()` does not wait for them. */
  daemonThreads: boolean
  /** Limits of V8's memory in each worker thread, in MiB. `null` keeps Node's limits. */
  threadLimits: ResourceLimits | null
}

/**
 * Handles requests in a fixed pool of worker threads. A socket can't move between threads of Node, so the main
 * thread keeps it and passes its bytes on; the handlers run in the workers. The handler must be the URL of a module,
 * and `context` must be cloneable.
 */
export function ThreadingMixIn<Base extends ServerClass>(base: Base): Base & Constructor<Threading> {
  return class extends PoolMixIn(base) implements Threading {
    maxThreads = availableParallelism()
    requestsPerThread = Number.POSITIVE_INFINITY
    daemonThreads = false
    threadLimits: ResourceLimits | null = null

    override createPool(): WorkerPool<PoolWorker> {
      const { context, serverAddress, threadLimits: limits, execArgv, env } = this
      const start = { handler: requireModule(this.requestHandler).href, context, serverAddress }
      const lifetime = this.daemonThreads ? 'of the process' : 'own'
      return new WorkerPool({
        create: () => new WorkerThread({ start, lifetime, limits, execArgv, env }, this.workerEvents),
        size: this.maxThreads,
        requestsPerWorker: this.requestsPerThread,
        onExit: this.workerEvents.exited,
      })
    }

    override finishRequest(request: Socket | DatagramRequest, clientAddress: Address): Promise<void> {
      if (this.daemonThreads && 'unref' in request) request.unref()
      return super.finishRequest(request, clientAddress)
    }

    override async serverClose(options?: CloseOptions): Promise<void> {
      if (this.daemonThreads) this.blockOnClose = false
      await super.serverClose(options)
    }
  }
}

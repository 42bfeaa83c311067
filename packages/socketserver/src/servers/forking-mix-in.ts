import { availableParallelism } from 'node:os'
import { createSecureContext } from 'node:tls'
import { type ChildLimits, WorkerChild } from '../children/worker-child.js'
import { requireModule } from '../handlers/handler-source.js'
import type { PoolWorker } from '../workers/pool-worker.js'
import { WorkerPool } from '../workers/worker-pool.js'
import type { Constructor, ServerClass } from './mix-in.js'
import { type Pooled, PoolMixIn } from './pool-mix-in.js'
import { StreamServer } from './stream-server.js'

/** What a server with `ForkingMixIn` has besides. */
export interface Forking extends Pooled {
  /** Number of child processes. They start when the server is activated. The default is one for each available core. */
  maxChildren: number
  /**
   * Number of requests that one child runs at the same time on its event loop. If all children have that many, further
   * requests wait in the queue. By default there is no limit. With 1, as in Python, a handler may block its child.
   */
  requestsPerChild: number
  /** Limits of V8's memory in each child process, in MiB. `null` keeps Node's limits. */
  childLimits: ChildLimits | null
  /** The process ids of the running children. */
  readonly activeChildren: ReadonlySet<number>
}

/**
 * Handles requests in a fixed pool of child processes, which are started beforehand. A child gets the connection
 * itself, so its bytes do not pass through the server's process; datagrams and their answers do. With `tls` the child
 * makes the TLS handshake, and `verifyRequest` is called before it. The handler must be the URL of a module, and
 * `context` must be cloneable.
 */
export function ForkingMixIn<Base extends ServerClass>(base: Base): Base & Constructor<Forking> {
  return class extends PoolMixIn(base) implements Forking {
    maxChildren = availableParallelism()
    requestsPerChild = Number.POSITIVE_INFINITY
    childLimits: ChildLimits | null = null
    protected override readonly handsOver = 'descriptors'
    readonly #children = new Set<WorkerChild>()

    get activeChildren(): ReadonlySet<number> {
      return new Set([...this.#children].flatMap(({ pid }) => pid ?? []))
    }

    override createPool(): WorkerPool<PoolWorker> {
      const { context, serverAddress, childLimits: limits, execArgv, env } = this
      const handler = requireModule(this.requestHandler).href
      const tls = this instanceof StreamServer && this.tls !== null ? { tls: this.tls } : {}
      // Fail here as the other servers do if a certificate can't be read, and not in each child.
      if (tls.tls) createSecureContext(tls.tls)
      const create = () => {
        const start = { handler, context, serverAddress, ...tls }
        const child = new WorkerChild({ start, limits, execArgv, env }, this.workerEvents)
        this.#children.add(child)
        void child.exited.then(() => this.#children.delete(child))
        return child
      }
      const { maxChildren: size, requestsPerChild: requestsPerWorker } = this
      return new WorkerPool({
        create,
        size,
        requestsPerWorker,
        onExit: this.workerEvents.exited,
      })
    }
  }
}

import { availableParallelism } from 'node:os'
import { type ChildLimits, WorkerChild } from '../children/worker-child.js'
import { requireModule } from '../handlers/handler-source.js'
import type { PoolWorker } from '../workers/pool-worker.js'
import { WorkerPool } from '../workers/worker-pool.js'
import type { Constructor, ServerClass } from './mix-in.js'
import { type Pooled, PoolMixIn } from './pool-mix-in.js'
import { StreamServer } from './stream-server.js'

export interface Forking extends Pooled {
  /** Child processes, started when the server is activated. Default: one per available core. */
  maxChildren: number
  /**
   * Requests one child runs at once, on its event loop; what comes when all children have that many waits in
   * the queue. Default: no limit. 1 is Python's way: a child has one request and may block for it.
   */
  requestsPerChild: number
  /** Limits of V8's memory in each child process, MiB. `null`: Node's own. */
  childLimits: ChildLimits | null
  /** Process ids of the children that live. */
  readonly activeChildren: ReadonlySet<number>
}

/**
 * Handles requests in a fixed pool of child processes, forked beforehand. A child gets the connection itself,
 * so that no byte passes through the server; datagrams and their answers do. With `tls` it is the child that
 * speaks TLS, and `verifyRequest` comes before the handshake. The handler must be the URL of a module, and
 * `context` cloneable.
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

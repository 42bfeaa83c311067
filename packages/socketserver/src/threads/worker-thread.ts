import { Socket } from 'node:net'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { Address } from '../address.js'
import { DatagramRelay } from '../workers/datagram-relay.js'
import { MessageBatch } from '../workers/message-batch.js'
import { PoolWorker, type WorkerEvents } from '../workers/pool-worker.js'
import type { Relay, RelayedRequest } from '../workers/relay.js'
import type { ToWorker, WorkerStart } from '../workers/worker-message.js'
import { SocketRelay } from './socket-relay.js'

export interface ThreadOptions {
  readonly start: WorkerStart
  /** 'own': the thread keeps the process alive. 'of the process': it does not. */
  readonly lifetime: 'own' | 'of the process'
  readonly limits: ResourceLimits | null
  readonly execArgv: readonly string[] | null
  readonly env: NodeJS.ProcessEnv | null
}

export class WorkerThread extends PoolWorker {
  protected readonly batch: MessageBatch<ToWorker>
  readonly #worker: Worker
  readonly #serverAddress: Address

  constructor({ start, lifetime, limits, execArgv, env }: ThreadOptions, events: WorkerEvents) {
    super(events)
    this.#serverAddress = start.serverAddress
    this.#worker = new Worker(new URL('./thread-main.js', import.meta.url), {
      workerData: start,
      ...(limits && { resourceLimits: limits }),
      ...(execArgv && { execArgv: [...execArgv] }),
      ...(env && { env }),
    })
    this.batch = new MessageBatch(this.#worker)
    let cause: unknown
    this.#worker.on('message', (messages) => this.receive(messages))
    this.#worker.on('error', (error) => {
      cause = error
    })
    this.#worker.on('exit', (code) => this.onExit(`worker thread ended with exit code ${code}`, cause))
    // Call unref last, because adding a message listener refs the worker again.
    if (lifetime === 'of the process') this.#worker.unref()
  }

  protected override createRelay({ id, request, clientAddress }: RelayedRequest): Relay {
    if (request instanceof Socket)
      return new SocketRelay({ id, request, clientAddress }, this.#serverAddress, this.batch)
    return new DatagramRelay({ id, request, clientAddress }, this.batch)
  }

  protected override kill(): void {
    void this.#worker.terminate()
  }

  protected override async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

import { MAX_WAITING_BYTES, MAX_WAITING_REQUESTS } from '@jftp/protocol'
import type { Exchange } from './exchange.js'

/** The requests of a session that wait for those before them, in the order they came, and what it costs to keep them. */
export class WaitingRequests {
  readonly #exchanges: Exchange[] = []
  /** Bytes of these requests and of what has come of their bodies. */
  #size = 0

  get count(): number {
    return this.#exchanges.length
  }

  /** Whether more may come. `runningSize`: what is kept for the request that is being handled, in bytes. */
  hasRoom(runningSize: number): boolean {
    return this.count < MAX_WAITING_REQUESTS && this.#size + runningSize < MAX_WAITING_BYTES
  }

  add(exchange: Exchange): void {
    this.#exchanges.push(exchange)
    this.#size += exchange.size
  }

  /** To be called when the body of a request has changed. `before`: its size until then. */
  bodyChanged({ state, body }: Exchange, before: number): void {
    if (state === 'waiting') this.#size += body.size - before
  }

  /** The next request, which runs from now on; undefined if none waits. Throws if what waits is no request. */
  take(): Exchange | undefined {
    const exchange = this.#exchanges.shift()
    if (exchange === undefined) return undefined
    exchange.parse()
    this.#size -= exchange.size + exchange.body.size
    exchange.state = 'running'
    return exchange
  }

  /** Forgets all of them. */
  clear(): void {
    this.#exchanges.length = 0
    this.#size = 0
  }
}

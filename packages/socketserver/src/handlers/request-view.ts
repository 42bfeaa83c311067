import { SocketServerError } from '../socket-server-error.js'
import type { HandlerServer } from './handler-server.js'

export type Ask = (question: unknown) => Promise<unknown>

/**
 * The server as the handler of one request sees it: everything of `server`, and an `ask` that belongs to this
 * request.
 */
export class RequestView implements ProxyHandler<object> {
  readonly view: HandlerServer
  #ask: Ask

  constructor(server: object, ask: Ask) {
    this.#ask = ask
    this.view = new Proxy(server, this) as HandlerServer
  }

  get(server: object, key: PropertyKey): unknown {
    if (key === 'ask') return this.#ask
    // Getters and methods use private fields of the server, and a proxy does not have them.
    const value: unknown = Reflect.get(server, key, server)
    const isMethod = typeof value === 'function' && !Object.hasOwn(server, key)
    return isMethod ? value.bind(server) : value
  }

  set(server: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(server, key, value, server)
  }

  /** Must be called when the request is over. */
  end(): void {
    this.#ask = askTooLate
  }
}

async function askTooLate(): Promise<never> {
  throw new SocketServerError('CLOSED', 'the request is over: await every ask() before the handler returns')
}

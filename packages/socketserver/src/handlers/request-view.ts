import { SocketServerError } from '../socket-server-error.js'
import type { HandlerServer } from './handler-server.js'

export type Ask = (question: unknown) => Promise<unknown>

/**
 * The server as the handler of one request has it: everything of `server`, and an `ask` that knows which request
 * it is called for. `end` is to be called when the request is over.
 */
export function requestView(server: object, ask: Ask): { readonly view: HandlerServer; end(): void } {
  let asking = ask
  const target = new Proxy(server, {
    get(_, key) {
      if (key === 'ask') return asking
      // Getters and methods use private fields, which only the server itself has and no proxy.
      const value: unknown = Reflect.get(server, key, server)
      const isMethod = typeof value === 'function' && !Object.hasOwn(server, key)
      return isMethod ? value.bind(server) : value
    },
    set: (_, key, value) => Reflect.set(server, key, value, server),
  })
  return {
    view: target as HandlerServer,
    end: () => {
      asking = askTooLate
    },
  }
}

async function askTooLate(): Promise<never> {
  throw new SocketServerError('CLOSED', 'the request is over: await what you ask before the handler returns')
}

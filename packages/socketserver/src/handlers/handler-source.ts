import type { Address } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import type { BaseRequestHandler } from './base-request-handler.js'
import type { HandlerServer } from './handler-server.js'
import { type Ask, RequestView } from './request-view.js'

/** A class derived from `BaseRequestHandler`. `any`, because each class has its own types of request and context. */
export type HandlerClass = new (
  request: any,
  clientAddress: Address,
  server: HandlerServer<any>,
) => BaseRequestHandler<any, any>

/**
 * The handler class, or the URL of a module whose default export is that class. Threads and children load the
 * module themselves, so they need the URL: `new URL('./handler.js', import.meta.url)`.
 */
export type HandlerSource = HandlerClass | URL

export async function loadHandler(source: HandlerSource): Promise<HandlerClass> {
  if (!(source instanceof URL)) return requireClass(source, 'the request handler')
  let module: { default?: unknown }
  try {
    module = (await import(source.href)) as { default?: unknown }
  } catch (cause) {
    throw new SocketServerError('BAD_HANDLER', `can't load the handler module ${source.href}`, { cause })
  }
  return requireClass(module.default, `the default export of ${source.href}`)
}

/** The URL of the module that a thread or child loads. */
export function requireModule(source: HandlerSource): URL {
  if (source instanceof URL) return source
  throw new SocketServerError(
    'BAD_HANDLER',
    'worker threads and child processes load the handler themselves: pass the URL of its module instead of the ' +
      "class, for example new URL('./handler.js', import.meta.url)",
  )
}

/** Runs the handler for one request, in any thread or process. The handler sees `server` with `ask` added. */
export async function runHandler(
  Handler: HandlerClass,
  request: unknown,
  clientAddress: Address,
  server: Omit<HandlerServer, 'ask'>,
  ask: Ask,
): Promise<void> {
  const serverView = new RequestView(server, ask)
  try {
    const handler = new Handler(request, clientAddress, serverView.view)
    await handler.setup()
    try {
      await handler.handle()
    } finally {
      await handler.finish()
    }
  } finally {
    serverView.end()
  }
}

function requireClass(value: unknown, what: string): HandlerClass {
  const prototype: unknown = typeof value === 'function' ? value.prototype : undefined
  if (typeof prototype === 'object' && prototype !== null && 'handle' in prototype)
    return value as HandlerClass
  throw new SocketServerError('BAD_HANDLER', `${what} must be a class derived from BaseRequestHandler`)
}

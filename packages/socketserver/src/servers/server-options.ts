import type { TlsOptions } from 'node:tls'
import type { ResourceLimits } from 'node:worker_threads'
import type { ChildLimits } from '../children/worker-child.js'
import { SocketServerError } from '../socket-server-error.js'

/**
 * Settings of one server. All but the first two set the field of the same name, and win over what a subclass
 * declares; see the field for its meaning and default.
 */
export interface ServerOptions {
  /** `false`: the caller awaits `serverBind()` and `serverActivate()` itself. Default `true`. */
  readonly bindAndActivate?: boolean
  /** For the handlers, as `this.server.context`. Must be cloneable for threads and children. */
  readonly context?: unknown

  /** Milliseconds `handleRequest()` waits. */
  readonly timeout?: number
  /** Milliseconds one handler may run. */
  readonly handlerTimeout?: number
  readonly requestQueueSize?: number
  /** Stream servers: connections that wait or are handled. */
  readonly maxConnections?: number
  readonly allowReuseAddress?: boolean
  readonly allowReusePort?: boolean
  /** TCP and UDP servers: `inet6` insists on IPv6. */
  readonly addressFamily?: 'inet' | 'inet6'
  /** Stream servers: speak TLS. The options of `tls.createServer`: `cert`, `key`, `ALPNProtocols`, … */
  readonly tls?: TlsOptions
  /** Datagram servers: bytes. */
  readonly maxPacketSize?: number

  /** All columns but the first. */
  readonly blockOnClose?: boolean
  readonly maxThreads?: number
  readonly requestsPerThread?: number
  readonly daemonThreads?: boolean
  /** Limits of V8's memory in each worker thread, MiB. */
  readonly threadLimits?: ResourceLimits
  /** Node's own arguments for each thread or child. */
  readonly execArgv?: readonly string[]
  /** Environment variables of each thread or child. */
  readonly env?: NodeJS.ProcessEnv
  readonly maxChildren?: number
  readonly requestsPerChild?: number
  /** Limits of V8's memory in each child process, MiB. */
  readonly childLimits?: ChildLimits
}

/** The smallest value of each number that makes sense. */
const LEAST: Partial<Record<keyof ServerOptions, number>> = {
  timeout: 0,
  handlerTimeout: 1,
  requestQueueSize: 1,
  maxConnections: 1,
  maxPacketSize: 1,
  maxThreads: 1,
  requestsPerThread: 1,
  maxChildren: 1,
  requestsPerChild: 1,
}

/** Every option that sets a field. */
const FIELDS: Record<keyof Omit<ServerOptions, 'bindAndActivate' | 'context'>, true> = {
  timeout: true,
  handlerTimeout: true,
  requestQueueSize: true,
  maxConnections: true,
  allowReuseAddress: true,
  allowReusePort: true,
  addressFamily: true,
  tls: true,
  maxPacketSize: true,
  blockOnClose: true,
  maxThreads: true,
  requestsPerThread: true,
  daemonThreads: true,
  threadLimits: true,
  maxChildren: true,
  requestsPerChild: true,
  childLimits: true,
  execArgv: true,
  env: true,
}

/** The options that are fields of `server`, checked. */
export function fieldsOf(options: ServerOptions, server: object): Partial<ServerOptions> {
  const { bindAndActivate: _, context: __, ...fields } = options
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(FIELDS, name)) {
      throw new SocketServerError(
        'BAD_OPTION',
        `there is no option ${name}; there are ${Object.keys(FIELDS).join(', ')}`,
      )
    }
    if (name in server) continue
    throw new SocketServerError(
      'BAD_OPTION',
      `the option ${name} makes no sense for ${server.constructor.name}`,
    )
  }
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof ServerOptions]
    if (value === undefined || (typeof value === 'number' && value >= least)) continue
    throw new SocketServerError('BAD_OPTION', `${name} must be a number of at least ${least}`)
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

import type { TlsOptions } from 'node:tls'
import type { ResourceLimits } from 'node:worker_threads'
import type { ChildLimits } from '../children/worker-child.js'
import { SocketServerError } from '../socket-server-error.js'

/**
 * Settings of one server. All but the first two set the field of the same name, even if a subclass declares it with
 * another value. The field explains the meaning and the default.
 */
export interface ServerOptions {
  /** If `false`, you call `serverBind()` and `serverActivate()` yourself. The default is `true`. */
  readonly bindAndActivate?: boolean
  /** The handlers get it as `this.server.context`. For threads and children it must be cloneable. */
  readonly context?: unknown

  /** Milliseconds that `handleRequest()` waits for a request. */
  readonly timeout?: number
  /** Milliseconds that one handler may run. */
  readonly handlerTimeout?: number
  readonly requestQueueSize?: number
  /** Stream servers: the largest number of connections that wait or are handled. */
  readonly maxConnections?: number
  readonly allowReuseAddress?: boolean
  readonly allowReusePort?: boolean
  /** TCP and UDP servers: `inet6` accepts IPv6 only. */
  readonly addressFamily?: 'inet' | 'inet6'
  /** Stream servers: use TLS with these options of `tls.createServer`: `cert`, `key`, `ALPNProtocols`, … */
  readonly tls?: TlsOptions
  /** Datagram servers: the largest number of bytes of a datagram that the handler gets. */
  readonly maxPacketSize?: number

  /** Servers with a mix-in: whether `serverClose()` waits until running requests have ended. */
  readonly blockOnClose?: boolean
  readonly maxThreads?: number
  readonly requestsPerThread?: number
  readonly daemonThreads?: boolean
  /** Limits of V8's memory in each worker thread, in MiB. */
  readonly threadLimits?: ResourceLimits
  /** Node's own arguments for each thread or child. */
  readonly execArgv?: readonly string[]
  /** Environment variables of each thread or child. */
  readonly env?: NodeJS.ProcessEnv
  readonly maxChildren?: number
  readonly requestsPerChild?: number
  /** Limits of V8's memory in each child process, in MiB. */
  readonly childLimits?: ChildLimits
}

/** The smallest allowed value of each option that is a number. */
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

/** Checks the options and returns those that set a field of `server`. */
export function fieldsOf(options: ServerOptions, server: object): Partial<ServerOptions> {
  const { bindAndActivate: _, context: __, ...fields } = options
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(FIELDS, name)) {
      throw new SocketServerError(
        'BAD_OPTION',
        `there is no option ${name}; the options are ${Object.keys(FIELDS).join(', ')}`,
      )
    }
    if (name in server) continue
    throw new SocketServerError(
      'BAD_OPTION',
      `${server.constructor.name} does not have the option ${name}: remove it, or use a server class that has it`,
    )
  }
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof ServerOptions]
    if (value === undefined || (typeof value === 'number' && value >= least)) continue
    throw new SocketServerError('BAD_OPTION', `${name} must be a number of at least ${least}`)
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

import type { TlsOptions } from 'node:tls'
import type { ResourceLimits } from 'node:worker_threads'
import type { ChildLimits } from '../children/worker-child.js'
import { SocketServerError } from '../socket-server-error.js'
import {
  boolean,
  count,
  countOrInfinity,
  limits,
  milliseconds,
  type OptionCheck,
  object,
  oneOf,
  strings,
} from './option-check.js'

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
  /** Stream servers: the load balancers whose connections begin with a PROXY header. */
  readonly proxies?: readonly string[]
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

const CHECKS: Record<keyof Omit<ServerOptions, 'context'>, OptionCheck> = {
  bindAndActivate: boolean,
  timeout: milliseconds(0),
  handlerTimeout: milliseconds(1),
  requestQueueSize: count,
  maxConnections: countOrInfinity,
  allowReuseAddress: boolean,
  allowReusePort: boolean,
  addressFamily: oneOf('inet', 'inet6'),
  tls: object,
  proxies: strings,
  maxPacketSize: countOrInfinity,
  blockOnClose: boolean,
  maxThreads: count,
  requestsPerThread: countOrInfinity,
  daemonThreads: boolean,
  threadLimits: limits(
    'maxOldGenerationSizeMb',
    'maxYoungGenerationSizeMb',
    'codeRangeSizeMb',
    'stackSizeMb',
  ),
  maxChildren: count,
  requestsPerChild: countOrInfinity,
  childLimits: limits('maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb'),
  execArgv: strings,
  env: object,
}

/** Checks the options and returns those that set a field of `server`. */
export function fieldsOf(options: ServerOptions, server: object): Partial<ServerOptions> {
  const { context: _, ...checked } = options
  for (const [name, value] of Object.entries(checked)) {
    if (!Object.hasOwn(CHECKS, name)) {
      throw new SocketServerError(
        'BAD_OPTION',
        `there is no option ${name}; the options are context, ${Object.keys(CHECKS).join(', ')}`,
      )
    }
    if (name !== 'bindAndActivate' && !hasOption(server, name)) {
      throw new SocketServerError(
        'BAD_OPTION',
        `${server.constructor.name} does not have the option ${name}: remove it, or use a server class that has it`,
      )
    }
    const { allows, description } = CHECKS[name as keyof typeof CHECKS]
    if (value !== undefined && !allows(value))
      throw new SocketServerError('BAD_OPTION', `${name} must be ${description}`)
  }
  const { bindAndActivate: __, ...fields } = checked
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function hasOption(server: object & { readonly addressFamily?: string }, name: string): boolean {
  return name in server && !(name === 'addressFamily' && server.addressFamily === 'unix')
}

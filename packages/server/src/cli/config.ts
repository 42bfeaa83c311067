import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { listenDescriptors, networksOf } from '@jftp/socketserver'
import { parseRate, RATE_EXAMPLES } from '@jftp/transfer'
import type { AccountsOptions } from '../accounts/accounts.js'
import { ANONYMOUS_ACCESS } from '../accounts/anonymous.js'
import { defaultUsersFile } from '../accounts/users-file.js'
import { type Hooks, NO_HOOKS } from '../hook.js'
import { checkExposure, checkSocketPath, reachOf } from '../listen-address.js'
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../log.js'
import type { MetricsAddress } from '../metrics/metrics-server.js'
import type { Program } from '../programs/program.js'
import type { Deadlines } from '../session/deadline.js'
import type { LoginGuardOptions } from '../session-table/login-guard.js'
import type { SharedName } from '../storage/shared-storage.js'
import { readTlsSettings, type TlsSettings } from '../tls/tls-settings.js'
import { UsageError } from '../usage-error.js'
import { duration } from './duration.js'
import { DEFAULT_OPTIONS, MAX_WORKERS, type RawOptions } from './options.js'

/** What ftpd runs with: every option checked. */
export interface DaemonConfig {
  /** The real path of the folder served. */
  readonly root: string
  /** What is served instead of the root, to read only; undefined if the root is served. */
  readonly shared?: readonly SharedName[] | undefined
  readonly host: string
  readonly port: number
  /** Path of a Unix socket; wins over host and port. */
  readonly unix: string | undefined
  /** The listening socket that a service manager has opened for this process; it is at `unix`, or else a TCP socket. */
  readonly descriptor: number | undefined
  readonly tls: TlsSettings
  /** Whether others than this machine may come in without TLS, and write without a login. */
  readonly isInsecure: boolean
  readonly hooks: Hooks
  /** What users may run. */
  readonly programs: readonly Program[]
  /** Who may log in. */
  readonly accounts: AccountsOptions
  /** Worker threads; 0 is the event loop alone. */
  readonly workers: number
  readonly graceMs: number
  readonly deadlines: Deadlines
  /** Whether the digests of files are kept, to be known again without reading the files. */
  readonly keepsDigests: boolean
  /** Connections at once. */
  readonly maxConnections: number
  /** Of these, from one address. */
  readonly maxConnectionsPerIp: number
  /** Milliseconds for which what came of a cut upload is kept; 0 keeps none. */
  readonly keepPartialsMs: number
  /** Bytes per second that all sessions move together; undefined is no limit. */
  readonly limitRate: number | undefined
  /** Addresses and networks of load balancers that tell the addresses of their clients; undefined if there are none. */
  readonly proxies: readonly string[] | undefined
  readonly loginGuard: LoginGuardOptions
  /** Where the metrics can be read; undefined is nowhere. */
  readonly metrics: MetricsAddress | undefined
  /** The path of the control socket. `default` is one in the user's own folder; if it can't be made, there is none. */
  readonly control: { readonly type: 'path'; readonly path: string } | { readonly type: 'default' | 'none' }
  readonly logFormat: LogFormat
  readonly logLevel: LogLevel
}

/** Options that are left out have their defaults. Throws UsageError. */
export async function resolveConfig(
  given: Partial<RawOptions>,
  { hooks, programs }: Pick<DaemonConfig, 'hooks' | 'programs'> = { hooks: NO_HOOKS, programs: [] },
): Promise<DaemonConfig> {
  const raw = { ...DEFAULT_OPTIONS, ...given }
  const reach = raw.unix === undefined ? await about('host', () => reachOf(raw.host)) : LOCAL
  if (raw.unix !== undefined) checkSocketPath('--unix', raw.unix)
  const tls = await about('tls', () =>
    readTlsSettings(raw.tls ?? (reach.type === 'local' ? 'off' : 'auto'), process.env),
  )
  if (raw.unix !== undefined && tls.type !== 'off') {
    throw new UsageError(
      '--tls has no use on a Unix socket, which never leaves this machine; leave it out',
      'tls',
    )
  }
  const anonymous =
    raw.anonymous === undefined
      ? reach.type === 'local'
        ? 'by-users'
        : 'none'
      : oneOf('--anonymous', raw.anonymous, ANONYMOUS_ACCESS)
  if (!raw.insecure) {
    await about('host', () => checkExposure(raw.host, reach, { hasTls: tls.type !== 'off', anonymous }))
  }
  const root = await about('root', () => resolveRoot(raw.root))
  return {
    root,
    host: raw.host,
    port: wholeNumber('--port', raw.port, 65_535),
    unix: raw.unix,
    descriptor: inheritedSocket(),
    tls,
    isInsecure: raw.insecure,
    hooks,
    programs,
    accounts: {
      root,
      usersFile: raw.users || defaultUsersFile(process.env),
      ifMissing: raw.users ? 'fail' : 'no-users',
      anonymous,
    },
    workers: wholeNumber('--workers', raw.workers, MAX_WORKERS),
    graceMs: wholeNumber('--grace', raw.grace, MAX_SECONDS) * 1000,
    deadlines: {
      loginMs: seconds('--login-timeout', raw.loginTimeout),
      idleMs: seconds('--idle-timeout', raw.idleTimeout),
      stallMs: seconds('--stall-timeout', raw.stallTimeout),
    },
    keepsDigests: raw.keepDigests,
    maxConnections: wholeNumber('--max-connections', raw.maxConnections, 1_000_000, 1),
    maxConnectionsPerIp: wholeNumber('--max-connections-per-ip', raw.maxConnectionsPerIp, 1_000_000, 1),
    keepPartialsMs: duration('--keep-partials', raw.keepPartials),
    limitRate: raw.limitRate === 'none' ? undefined : rate('--limit-rate', raw.limitRate),
    proxies: raw.proxyProtocol === undefined ? undefined : proxies(raw.proxyProtocol, raw.unix),
    loginGuard: {
      maxFailures: wholeNumber('--max-failed-logins', raw.maxFailedLogins, 1_000_000),
      banMs: duration('--ban-time', raw.banTime),
    },
    metrics: raw.metrics === undefined ? undefined : metricsAddress(raw.metrics),
    control: control(raw.control),
    logFormat: oneOf(
      '--log-format',
      raw.logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json'),
      LOG_FORMATS,
    ),
    logLevel: oneOf('--log-level', raw.logLevel, LOG_LEVELS),
  }
}

const LOCAL = { type: 'local' } as const

function inheritedSocket(): number | undefined {
  const [first, ...others] = listenDescriptors()
  if (others.length === 0) return first
  throw new UsageError(
    `the service manager passed ${others.length + 1} sockets, and ftpd listens on one; keep one ListenStream`,
  )
}

/** What `act` throws says which option is wrong. */
export async function about<T>(option: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message, option) : error
  }
}

function resolveRoot(root: string): string {
  let path: string
  try {
    path = realpathSync(root)
    if (!statSync(path).isDirectory())
      throw new UsageError(`${root} is not a folder; ROOT is the folder to serve`)
    accessSync(path, constants.R_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT')
      throw new UsageError(`${root} does not exist; make it first, or name another folder`)
    throw new UsageError(`can't read ${root} (${code}); check its owner and mode`)
  }
  return path
}

/** The longest time an option can ask for: a day. */
const MAX_SECONDS = 86_400

/** At least a second, in milliseconds. */
function seconds(option: string, text: string): number {
  return wholeNumber(option, text, MAX_SECONDS, 1) * 1000
}

function wholeNumber(option: string, text: string, max: number, min = 0): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw new UsageError(`${option} ${text}: a whole number from ${min} to ${max} is needed`)
}

function control(text: string | undefined): DaemonConfig['control'] {
  if (text === undefined) return { type: 'default' }
  if (text === 'none') return { type: 'none' }
  checkSocketPath('--control', text)
  return { type: 'path', path: text }
}

function proxies(text: string, unix: string | undefined): string[] {
  if (unix !== undefined) {
    throw new UsageError(
      '--proxy-protocol needs a port to listen on: whoever opens the socket of --unix has no address',
    )
  }
  const list = text.split(',').map((each) => each.trim())
  try {
    networksOf(list)
  } catch (error) {
    throw new UsageError(`--proxy-protocol ${text}: ${(error as Error).message}`)
  }
  return list
}

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`; without a host, only this machine can read the metrics. */
function metricsAddress(text: string): MetricsAddress {
  const [, bracketed, plain, port] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text.trim()) ?? []
  if (port !== undefined && Number(port) <= 65_535) {
    return { host: bracketed ?? plain ?? '127.0.0.1', port: Number(port) }
  }
  throw new UsageError(
    `--metrics ${text}: a port is needed, with or without a host: 9464, 127.0.0.1:9464, [::1]:9464`,
  )
}

function rate(option: string, text: string): number {
  const value = parseRate(text)
  if (value !== undefined) return value
  throw new UsageError(`${option} ${text}: ${RATE_EXAMPLES}, or none, is needed`)
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === text)
  if (choice !== undefined) return choice
  throw new UsageError(`${option} ${text}: choose one of ${choices.join(', ')}`)
}

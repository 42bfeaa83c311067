import type { BaseServer } from '@jftp/socketserver'
import { Accounts } from './accounts/accounts.js'
import type { AnonymousAccess } from './accounts/anonymous.js'
import { checkBoundAddress, checkReloadAddress, urlOf } from './bound-address.js'
import type { DaemonConfig } from './cli/config.js'
import type { ControlServer, Controls } from './control/control-server.js'
import { openControl } from './control/open-control.js'
import { statusOf } from './control/session-status.js'
import type { Status } from './control/status.js'
import type { HandlerSettings } from './ftp-request-handler.js'
import { createFtpServer, type FtpServer } from './ftp-server.js'
import { LiveLimits } from './live-limits.js'
import { LiveTables } from './live-tables.js'
import type { Log } from './log.js'
import type { MetricSources } from './metrics/metrics.js'
import type { Monitoring } from './metrics/monitoring.js'
import { ThreadGauges } from './metrics/thread-gauges.js'
import { RootUpkeep } from './root-upkeep.js'
import { addressGroupOf } from './session-table/address-group.js'
import { LoginGuard } from './session-table/login-guard.js'
import type { SessionTable } from './session-table/session-table.js'
import { removeStaleSocket } from './stale-socket.js'
import type { TlsEndpoint } from './tls/tls-endpoint.js'
import { UploadedHook } from './uploaded-hook.js'
import { VERSION } from './version.js'
import { WebhookSender } from './webhooks/webhook-sender.js'

/** A running ftpd. */
export interface Daemon {
  /** Where clients find it: `jftp://127.0.0.1:40713/`, `jftp://%2Frun%2Fjftp.sock/` for a Unix socket. */
  readonly url: string
  /** Where its metrics are; undefined if they were not asked for. */
  readonly metricsUrl: string | undefined
  /** The path of its control socket; undefined if it has none. */
  readonly controlPath: string | undefined
  /** What anonymous visitors may do. */
  readonly anonymousAccess: AnonymousAccess
  /** What others on the network can do that they should not; empty unless `--insecure` allows it. */
  readonly dangers: readonly string[]
  /** Of its TLS certificate: `sha256:` and hex. Undefined if TLS is off. */
  readonly fingerprint: string | undefined
  /** How many users there are. */
  readonly users: number
  /** Connections it takes at once. */
  readonly maxConnections: number
  /** Connections being served. */
  readonly activeRequests: number
  /** Who is connected, and how far their transfers are. */
  status(): Status
  /**
   * Puts the settings into force that can change while it runs, reads the users and the certificate anew, and ends the
   * sessions of those who were changed. Throws UsageError, and changes nothing then.
   */
  reload(config: DaemonConfig): Promise<void>
  /**
   * Stops accepting, lets transfers finish and then hooks and webhooks, all for up to `graceMs` milliseconds, and cuts
   * the rest off. Resolves to how many connections were cut.
   */
  stop(graceMs: number): Promise<number>
}

/** Listens and serves. Throws the system's error if it can't listen there, UsageError if it may not. */
export async function startDaemon(config: DaemonConfig, log: Log): Promise<Daemon> {
  const { root, keepsDigests, keepPartialsMs } = config
  const accounts = await Accounts.open(config.accounts)
  const tls = await openTls(config)
  const upkeep = new RootUpkeep(root, keepPartialsMs, log)
  if (config.unix !== undefined && config.descriptor === undefined) await removeStaleSocket(config.unix)
  const keepsPartials = keepPartialsMs > 0
  const limits = new LiveLimits(config)
  const { sessions } = limits
  const threads = config.metrics === undefined ? undefined : ThreadGauges.for(config.workers)
  const threadGauges = threads?.memory
  const tables = new LiveTables()
  tables.prepare(config)()
  const webhook = WebhookSender.open(config.hooks, root, log)
  const uploaded = new UploadedHook(config.hooks, log)
  const handlerSettings: HandlerSettings = {
    root,
    loginMethods: accounts.offer.memory,
    deadlines: limits.deadlines.memory,
    keepsDigests,
    keepsPartials,
    rate: limits.rate,
    threadGauges,
    kicked: sessions.kicked,
    tables: tables.memory,
    outbox: webhook.memory,
    shared: config.shared,
  }
  const guard = new LoginGuard(config.loginGuard)
  let isDraining = false
  const monitoring = await createMonitoring(threads, {
    sessions,
    waitingConnections: () => server.waitingConnections,
    isDraining: () => isDraining,
    bans: () => guard.bans.length,
    quotas: () => accounts.quotas,
  })
  const server: FtpServer = await createFtpServer(config, handlerSettings, {
    accounts,
    guard,
    sessions,
    deadlines: limits.deadlines,
    log,
    metrics: monitoring?.metrics,
    tls,
    uploaded,
    webhook,
  })
  const url = urlOf(server.serverAddress, tls === undefined ? 'jftp' : 'jftps')
  const since = Date.now()
  const controls: Controls = {
    status: () => ({
      ...{ v: 1, version: VERSION, pid: process.pid, url, root, since },
      state: isDraining ? 'draining' : 'serving',
      sessions: [...sessions].map(statusOf),
      bans: guard.bans,
    }),
    kick: (session) => server.kick(session),
    unban: (address) => guard.unban(addressGroupOf(address) ?? ''),
  }
  let control: ControlServer | undefined
  let dangers: string[]
  try {
    dangers = checkBoundAddress(server.serverAddress, config, accounts)
    if (config.metrics !== undefined) await monitoring?.listen(config.metrics)
    control = await openControl(config.control, controls, log)
  } catch (error) {
    await monitoring?.close()
    await server.serverClose()
    throw error
  }
  // Nobody is served before that.
  await upkeep.begin()
  webhook.start()
  const serving = server.serveForever()
  const revoking = setInterval(() => endRevoked(accounts, server), REVOKE_EVERY).unref()
  upkeep.start()
  return {
    url,
    metricsUrl: monitoring?.url,
    controlPath: control?.path,
    get anonymousAccess() {
      return accounts.anonymousAccess
    },
    get users() {
      return accounts.count
    },
    dangers,
    get fingerprint() {
      return tls?.certificate.fingerprint
    },
    get maxConnections() {
      return sessions.limits.total
    },
    get activeRequests() {
      return server.activeRequests
    },
    status: controls.status,
    async reload(next) {
      // Whatever can be wrong is found before anything is changed.
      checkReloadAddress(next, server.serverAddress, tls)
      const applyAccounts = await accounts.prepareReload(next.accounts)
      const applyTls = await tls?.prepareReload()
      const applyTables = tables.prepare(next)
      const applyWebhook = webhook.prepareReload(next.hooks)
      applyAccounts()
      applyTls?.()
      applyWebhook()
      applyTables()
      uploaded.change(next.hooks)
      limits.change(next)
      guard.change(next.loginGuard)
      server.maxConnections = sessions.limits.total
      endRevoked(accounts, server)
    },
    async stop(graceMs) {
      isDraining = true
      const end = performance.now() + graceMs
      upkeep.stop()
      clearInterval(revoking)
      await server.shutdown()
      await serving
      const cut = await drain(server, sessions, graceMs)
      await upkeep.leave()
      const left = Math.max(0, end - performance.now())
      await Promise.all([uploaded.finish(left), webhook.finish(left)])
      await monitoring?.close()
      await control?.close()
      return cut
    },
  }
}

/** How often tokens that have expired are looked for, in ms. */
const REVOKE_EVERY = 10_000

/** Ends the sessions whose users or tokens were removed or changed, or are over. */
function endRevoked(accounts: Accounts, server: FtpServer): void {
  for (const session of accounts.revoked) server.kick(session)
}

/** Most daemons have no metrics, so what is needed for them is loaded only here. */
async function createMonitoring(
  threads: ThreadGauges | undefined,
  sources: Omit<MetricSources, 'threads'>,
): Promise<Monitoring | undefined> {
  if (threads === undefined) return undefined
  const { Monitoring } = await import('./metrics/monitoring.js')
  return new Monitoring({ ...sources, threads })
}

/** Most daemons that listen on loopback have no TLS, so it is loaded only here. */
async function openTls({ tls }: DaemonConfig): Promise<TlsEndpoint | undefined> {
  if (tls.type === 'off') return undefined
  const { TlsEndpoint } = await import('./tls/tls-endpoint.js')
  return TlsEndpoint.open(tls)
}

/** Waits for sessions to end by themselves, then ends them and their threads, whatever they do. */
async function drain(server: BaseServer, sessions: SessionTable, graceMs: number): Promise<number> {
  let cut = 0
  const timer = setTimeout(() => {
    for (const session of sessions) {
      session.reason = 'cut off at the end of the grace period'
      cut++
    }
  }, graceMs)
  try {
    await server.serverClose({ timeout: graceMs })
  } finally {
    clearTimeout(timer)
  }
  return cut
}

import { type Command, CommanderError } from 'commander'
import { type Daemon, startDaemon } from '../daemon.js'
import { explainListenError } from '../listen-error.js'
import { createLog, type Log } from '../log.js'
import { ServiceManager } from '../service-manager.js'
import { explainTooFewFiles } from '../start-error.js'
import { UsageError } from '../usage-error.js'
import type { DaemonConfig } from './config.js'
import { counted } from './counted.js'
import { Reloading } from './reloading.js'
import { readSettings, type Settings } from './settings.js'
import { onHangUp, untilStopped } from './stop-signals.js'

/** Serves until a signal says stop; resolves to the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runFtpd(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', answerIsLost)
  if (['status', 'kick', 'unban'].includes(argv[0] ?? '')) return await runControlCommand(argv)
  if (['user', 'token', 'fingerprint'].includes(argv[0] ?? '')) return runOne(argv)
  // Only `ftp` starts it, for one share.
  if (argv[0] === 'one-off') return await (await import('../one-off/run-one-off.js')).runOneOff()
  if (argv[0] === 'check') return await runCheckCommand(argv.slice(1))
  const read = () => readSettings(argv[0] === 'serve' ? argv.slice(1) : argv)
  let settings: Settings
  try {
    settings = await read()
  } catch (error) {
    return usageExitCode(error)
  }
  try {
    return await serve(settings, read)
  } catch (error) {
    console.error(`ftpd: ${explain(error, settings.config)}`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** An answer can't be printed. */
function answerIsLost({ code, message }: NodeJS.ErrnoException): void {
  // Its reader has had enough, as head(1) has.
  if (code === 'EPIPE') return
  // The log listens too, and files are served whatever becomes of it.
  if (process.stdout.listenerCount('error') > 1) return
  console.error(`ftpd: stdout: ${message}`)
  process.exit(1)
}

/** `ftpd check`: about what a daemon would run with. */
async function runCheckCommand(argv: readonly string[]): Promise<number> {
  const { runCheck } = await import('./check-command.js')
  try {
    await runCheck(argv)
    return 0
  } catch (error) {
    return usageExitCode(error)
  }
}

/** `ftpd status`, `ftpd kick` and `ftpd unban`: about a daemon that runs already. */
async function runControlCommand(argv: readonly string[]): Promise<number> {
  const { controlCommand } = await import('./control-command.js')
  try {
    await controlCommand().parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof UsageError)) throw error
    console.error(`ftpd: ${error.message}`)
    return 1
  }
}

/** `ftpd user`, `ftpd token` and `ftpd fingerprint`: they do one thing and end. */
async function runOne([name, ...argv]: readonly string[]): Promise<number> {
  try {
    await (await commandOf(name)).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    return usageExitCode(error)
  }
}

async function commandOf(name: string | undefined): Promise<Command> {
  if (name === 'user') return (await import('./user-command.js')).userCommand()
  if (name === 'token') return (await import('./token-command.js')).tokenCommand()
  return (await import('./fingerprint-command.js')).fingerprintCommand()
}

/** Says what is wrong, unless commander has said it already. */
function usageExitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (!(error instanceof UsageError)) throw error
  console.error(`ftpd: ${error.message}`)
  return 2
}

/** `read` reads the settings anew. */
async function serve(settings: Settings, read: () => Promise<Settings>): Promise<number> {
  const { config } = settings
  const log = await createLog(config.logFormat, config.logLevel)
  // From here on: whoever reads that it is ready may tell it to stop at once.
  const stopped = untilStopped()
  const daemon = await startDaemon(config, log)
  const { maxConnections } = daemon
  const fewer =
    maxConnections < config.maxConnections
      ? ` · at most ${counted(maxConnections, 'connection')}: a higher ulimit -n would allow more`
      : ''
  const metrics = daemon.metricsUrl === undefined ? '' : ` · metrics on ${daemon.metricsUrl}`
  const tls = daemon.fingerprint === undefined ? '' : ` · TLS certificate ${daemon.fingerprint}`
  const access = [
    ...(daemon.users > 0 ? [counted(daemon.users, 'user')] : []),
    ACCESS[daemon.anonymousAccess],
  ].join(' · ')
  log.info(
    {
      type: 'ready',
      url: daemon.url,
      root: config.root,
      workers: config.workers,
      users: daemon.users,
      anonymous: daemon.anonymousAccess,
      maxConnections,
      ...(daemon.fingerprint === undefined ? {} : { fingerprint: daemon.fingerprint }),
      ...(config.limitRate === undefined ? {} : { limitRate: config.limitRate }),
      ...(daemon.controlPath === undefined ? {} : { control: daemon.controlPath }),
      ...(daemon.metricsUrl === undefined ? {} : { metrics: daemon.metricsUrl }),
    },
    `listening on ${daemon.url} · serving ${config.root} · ${threads(config.workers)} · ${access}${tls}${metrics}${fewer}`,
  )
  warn(daemon, config, log)
  const manager = new ServiceManager(log)
  void manager.ready(`serving ${config.root} on ${daemon.url}`)
  const reloading = new Reloading(daemon, log, settings)
  const stopReloading = onHangUp(async () => {
    void manager.reloading()
    await reloading.run(read)
    void manager.ready(`serving ${config.root} on ${daemon.url}`)
  })
  const signal = await stopped
  stopReloading()
  void manager.stopping('transfers under way are being finished')
  log.info(
    { type: 'stopping', signal, active: daemon.activeRequests },
    stoppingMessage(signal, daemon.activeRequests, reloading.config),
  )
  const cut = await daemon.stop(reloading.config.graceMs)
  if (cut > 0)
    log.warn(
      { type: 'cut-off', connections: cut },
      `cut off ${counted(cut, 'connection')} after the grace period`,
    )
  log.info({ type: 'stopped' }, 'stopped')
  return 0
}

function stoppingMessage(signal: string, active: number, { graceMs }: DaemonConfig): string {
  if (active === 0) return `${signal}: stopping`
  return `${signal}: stopping, ${counted(active, 'connection')} may finish within ${graceMs / 1000} s; once more ends at once`
}

/** The log says what `--insecure` allows, and also if nobody can come in at all. */
function warn(
  { dangers, anonymousAccess, users: count }: Daemon,
  { accounts }: DaemonConfig,
  log: Log,
): void {
  for (const danger of dangers) log.warn({ type: 'insecure' }, `INSECURE: ${danger}`)
  if (anonymousAccess !== 'none' || count > 0) return
  log.warn(
    { type: 'no-way-in' },
    `nobody can log in: add a user with "ftpd user add NAME --users ${accounts.usersFile}" and send SIGHUP, or start with --anonymous read`,
  )
}

const ACCESS = {
  none: 'no anonymous visitors',
  read: 'anonymous may read',
  write: 'anonymous may read and write',
} as const

function threads(workers: number): string {
  if (workers === 0) return 'on the event loop'
  return counted(workers, 'worker thread')
}

function explain(error: unknown, config: DaemonConfig): string {
  const known =
    error instanceof UsageError
      ? error.message
      : (explainListenError(error, config) ?? explainTooFewFiles(error))
  if (known !== undefined) return known
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

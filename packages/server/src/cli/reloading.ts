import type { Daemon } from '../daemon.js'
import type { Log } from '../log.js'
import type { DaemonConfig } from './config.js'
import { counted } from './counted.js'
import type { GivenOption } from './given-options.js'
import type { Settings } from './settings.js'

/** The options that can change while a daemon runs, besides the tables `hooks` and `exec`. All others are looked at only when it starts. */
const LIVE: readonly string[] = [
  'anonymous',
  'ban-time',
  'config',
  'grace',
  'idle-timeout',
  'limit-rate',
  'log-level',
  'login-timeout',
  'max-connections',
  'max-connections-per-ip',
  'max-failed-logins',
  'stall-timeout',
  'users',
]

function isLive(key: string): boolean {
  return LIVE.includes(key) || /^(?:exec$|exec\.|hooks\.)/.test(key)
}

/** Puts changed settings into force while a daemon runs. */
export class Reloading {
  readonly #daemon: Daemon
  readonly #log: Log
  #settings: Settings

  constructor(daemon: Daemon, log: Log, settings: Settings) {
    this.#daemon = daemon
    this.#log = log
    this.#settings = settings
  }

  get config(): DaemonConfig {
    return this.#settings.config
  }

  /** If anything is wrong, nothing changes, and the log says why. */
  async run(read: () => Promise<Settings>): Promise<void> {
    try {
      const next = await read()
      const changed = changedOptions(this.#settings.options, next.options)
      await this.#daemon.reload(next.config)
      this.#log.level = next.config.logLevel
      const live = changed.filter(isLive)
      const needsRestart = changed.filter((key) => !isLive(key))
      this.#settings = { config: next.config, options: inForce(this.#settings.options, next.options) }
      this.#tell(live, needsRestart)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.error({ type: 'not-reloaded', reason }, `SIGHUP: nothing was changed: ${reason}`)
    }
  }

  #tell(changed: readonly string[], needsRestart: readonly string[]): void {
    const { users: count, fingerprint } = this.#daemon
    const parts = [
      `SIGHUP: ${counted(count, 'user')}`,
      ...(fingerprint === undefined ? [] : [`TLS certificate ${fingerprint}`]),
      ...(changed.length > 0 ? [`changed: ${changed.join(', ')}`] : []),
      ...(needsRestart.length > 0
        ? [`changed, but in force only after a restart: ${needsRestart.join(', ')}`]
        : []),
    ]
    const certificate = fingerprint === undefined ? {} : { fingerprint }
    const line = { type: 'reloaded', users: count, ...certificate, changed, needsRestart }
    if (needsRestart.length > 0) this.#log.warn(line, parts.join(' · '))
    else this.#log.info(line, parts.join(' · '))
  }
}

function changedOptions(before: readonly GivenOption[], after: readonly GivenOption[]): string[] {
  const values = new Map(before.map(({ key, value }) => [key, value]))
  return after.filter(({ key, value }) => values.get(key) !== value).map(({ key }) => key)
}

/** What needs a restart is as it was. */
function inForce(before: readonly GivenOption[], after: readonly GivenOption[]): GivenOption[] {
  const old = new Map(before.map((option) => [option.key, option]))
  return after.map((option) => (isLive(option.key) ? option : (old.get(option.key) ?? option)))
}

/** ftpd as a library: start it, read where it listens, stop it. */
export { type DaemonConfig, resolveConfig } from './cli/config.js'
export { type Daemon, startDaemon } from './daemon.js'
export { createLog, type Log, type LogFormat, type LogLevel } from './log.js'
export { UsageError } from './usage-error.js'

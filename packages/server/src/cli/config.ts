import { lookup } from 'node:dns/promises'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../log.js'
import type { RawOptions } from './options.js'

/** What ftpd runs with: every option checked. */
export interface DaemonConfig {
  /** The real path of the folder served. */
  readonly root: string
  readonly host: string
  readonly port: number
  /** Path of a Unix socket; wins over host and port. */
  readonly unix: string | undefined
  /** Worker threads; 0 is the event loop alone. */
  readonly workers: number
  readonly graceMs: number
  readonly logFormat: LogFormat
  readonly logLevel: LogLevel
}

/** Wrong usage: the message names the cause and the fix. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Throws UsageError. */
export async function resolveConfig(raw: RawOptions): Promise<DaemonConfig> {
  if (raw.unix === undefined) await checkLoopback(raw.host)
  return {
    root: resolveRoot(raw.root),
    host: raw.host,
    port: wholeNumber('--port', raw.port, 65_535),
    unix: raw.unix,
    workers: wholeNumber('--workers', raw.workers, 256),
    graceMs: wholeNumber('--grace', raw.grace, 86_400) * 1000,
    logFormat: oneOf(
      '--log-format',
      raw.logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json'),
      LOG_FORMATS,
    ),
    logLevel: oneOf('--log-level', raw.logLevel, LOG_LEVELS),
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

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** No login and no TLS exist yet: whoever reaches the port may read and write, so only this machine may. */
async function checkLoopback(host: string): Promise<void> {
  let addresses: { address: string; family: number }[]
  try {
    addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true })
  } catch {
    throw new UsageError(`--host ${host} is no address of this machine and can't be looked up`)
  }
  for (const { address, family } of addresses) {
    if (loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')) continue
    throw new UsageError(
      `refusing to listen on ${host}: without login and encryption anybody who reaches it could read and write; ` +
        'listen on 127.0.0.1 and reach it through ssh -L',
    )
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw new UsageError(`${option} ${text}: a whole number from 0 to ${max} is needed`)
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === text)
  if (choice !== undefined) return choice
  throw new UsageError(`${option} ${text}: choose one of ${choices.join(', ')}`)
}

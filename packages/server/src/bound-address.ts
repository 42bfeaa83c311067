import type { Address } from '@jftp/socketserver'
import type { Accounts } from './accounts/accounts.js'
import type { DaemonConfig } from './cli/config.js'
import { checkExposure, dangersOf, reachOfAddress } from './listen-address.js'

/**
 * Checks the address at which the server listens by now, because a host name may stand for another address than it did
 * when the settings were checked. Returns what others can do there, which `--insecure` allows. Throws UsageError if they
 * can do something and `--insecure` was not given.
 */
export function checkBoundAddress(
  address: Address,
  config: DaemonConfig,
  { anonymousAccess }: Accounts,
): string[] {
  if (typeof address === 'string') return []
  const reach = reachOfAddress(address[0])
  const protection = { hasTls: config.tls.type !== 'off', anonymous: anonymousAccess }
  if (!config.isInsecure) checkExposure(config.host, reach, protection)
  return dangersOf(reach, protection)
}

/**
 * Checks whether the new settings are safe at the address at which the server listens, because a reload does not change
 * that address. Throws UsageError if they are not.
 */
export function checkReloadAddress(
  { host, isInsecure, accounts }: DaemonConfig,
  address: Address,
  tls: unknown,
): void {
  if (typeof address === 'string' || isInsecure) return
  const { anonymous } = accounts
  checkExposure(host, reachOfAddress(address[0]), { hasTls: tls !== undefined, anonymous })
}

/** The URL at which clients find a server that listens there. */
export function urlOf(address: Address, scheme: 'jftp' | 'jftps'): string {
  if (typeof address === 'string') return `${scheme}://${encodeURIComponent(address)}/`
  const [host, port] = address
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`
}

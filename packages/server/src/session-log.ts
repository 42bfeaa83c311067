import { printable } from '@jftp/protocol'
import type { Address } from '@jftp/socketserver'
import type { Log } from './log.js'
import type { ChangeRecord, LoginRecord, SessionRecord, TransferRecord } from './session/session-record.js'

/** Writes what sessions do and what becomes of them: one line each, as docs/OPERATIONS.md lists them. */
export class SessionLog {
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  started(client: Address): void {
    const name = showClient(client)
    this.#log.info({ type: 'session-started', client: name }, `${name} connected`)
  }

  ended(client: Address, ms: number): void {
    const name = showClient(client)
    this.#log.info({ type: 'session-ended', client: name, ms }, `${name} disconnected after ${ms} ms`)
  }

  record(record: SessionRecord, address: Address | undefined): void {
    const client = showClient(address)
    const line = { ...record, client }
    if (record.type === 'fault') {
      const { cmd, requestId, cause } = record
      this.#log.error(line, `${printable(cmd)} failed (request ${requestId}): ${printable(cause)}`)
      return
    }
    const why = record.error === undefined ? '' : `: ${printable(record.error)}`
    const message = `${describe(record)} · ${record.result}${why} · ${printable(record.user)}@${client}`
    if (record.error === undefined) this.#log.info(line, message)
    else this.#log.warn(line, message)
  }

  failed(client: Address | undefined, error: unknown): void {
    this.#log.error({ type: 'session-failed', client: showClient(client), err: error }, 'a session failed')
  }
}

export function showClient(address: Address | undefined): string {
  if (address === undefined) return 'unknown'
  if (typeof address === 'string') return address || 'unix'
  const [host, port] = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function describe(record: TransferRecord | ChangeRecord | LoginRecord): string {
  if (record.type === 'login') return 'login'
  const { op } = record
  const path = printable(record.path)
  if (record.type === 'change')
    return record.to === undefined ? `${op} ${path}` : `${op} ${path} ${printable(record.to)}`
  const { bytes, ms, digest } = record
  const checked = digest === undefined ? '' : ` · ${digest.alg} ${digest.hex}`
  return `${op} ${path} · ${bytes} bytes in ${ms} ms${checked}`
}

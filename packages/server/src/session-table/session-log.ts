import { type ProtocolError, printable } from '@jftp/protocol'
import type { Address } from '@jftp/socketserver'
import type { Log } from '../log.js'
import type {
  ChangeRecord,
  LoggedRecord,
  LoginRecord,
  ProgramRecord,
  TransferRecord,
} from '../session/session-record.js'
import type { Ban } from './login-guard.js'
import type { SessionEntry } from './session-table.js'
import { showClient } from './show-client.js'

/** Writes what sessions do and what becomes of them: one line each, as docs/OPERATIONS.md lists them. */
export class SessionLog {
  readonly #log: Log
  #knowsNotKept = false

  constructor(log: Log) {
    this.#log = log
  }

  started({ id, client }: SessionEntry): void {
    const name = showClient(client)
    this.#log.info(
      { type: 'session-started', session: id, client: name },
      `${name} connected · session ${id}`,
    )
  }

  ended({ id, client, since, user, transfer, hasSaidBye, reason }: SessionEntry): void {
    const activity = transfer === undefined ? '' : `${transfer.op} ${transfer.path}`
    const name = showClient(client)
    const ms = Date.now() - since
    const line = {
      type: 'session-ended',
      session: id,
      client: name,
      user,
      ms,
      bye: hasSaidBye,
      ...(activity === '' ? {} : { activity }),
      ...(reason === undefined ? {} : { reason }),
    }
    const what = activity === '' ? '' : ` in the middle of ${printable(activity)}`
    const why = reason === undefined ? '' : `: ${printable(reason)}`
    const message = `${who(user, name)} disconnected after ${ms} ms${what}${why} · session ${id}`
    if (reason === undefined) this.#log.info(line, message)
    else this.#log.warn(line, message)
  }

  /** `count` clients were refused since the last such line; this is the last one of them. */
  refused(client: Address, error: ProtocolError, count: number): void {
    const name = showClient(client)
    this.#log.warn(
      { type: 'session-refused', client: name, count, reason: error.code, error: error.message },
      `refused ${name}${count === 1 ? '' : ` and ${count - 1} before it`}: ${error.message}`,
    )
  }

  record(record: LoggedRecord, { id, client: address }: SessionEntry): void {
    const level = levelOf(record)
    // There may be thousands of these a second, so nothing is made of them if nobody wants to read them.
    if (!this.#log.isLevelEnabled(level)) return
    const client = showClient(address)
    const line = { ...record, session: id, client }
    if (record.type === 'fault') {
      const { cmd, path, id: request, cause } = record
      const what = path === undefined ? cmd : `${cmd} ${path}`
      const message = `${printable(what)} failed (session ${id}, request ${request}): ${printable(cause)}`
      this.#log[level](line, message)
      return
    }
    const why = record.error === undefined ? '' : `: ${printable(record.error)}`
    const message = `${describe(record)} · ${record.result}${why} · ${who(record.user, client)} · ${record.id}`
    this.#log[level](line, message)
  }

  banned({ address, until }: Ban): void {
    this.#log.warn(
      { type: 'address-banned', address, until: new Date(until).toISOString() },
      `banned ${address} until ${new Date(until).toISOString()}: too many failed logins; ftpd unban ${address} lifts it`,
    )
  }

  /** `client` is undefined if the error belongs to no connection. */
  failed(client: Address | undefined, error: unknown): void {
    const line = { type: 'session-failed', ...clientField(client), err: error }
    this.#log.error(line, client === undefined ? 'the server failed' : 'a session failed')
  }

  notAccepted(client: Address | undefined, error: Error): void {
    this.#log.warn(
      { type: 'accept-failed', ...clientField(client), err: error },
      `could not accept a connection: ${error.message}`,
    )
  }

  /** Told once, although each thread finds it out for itself. */
  digestsNotKept(reason: string): void {
    if (this.#knowsNotKept) return
    this.#knowsNotKept = true
    this.#log.warn(
      { type: 'digests-not-kept', reason },
      `digests of files are not kept, so each one is computed anew: ${printable(reason)}; see --no-keep-digests`,
    )
  }

  workerLost(error: Error): void {
    this.#log.error(
      { type: 'worker-lost', err: error },
      `a worker thread died and is replaced: ${error.message}`,
    )
  }
}

function levelOf(record: LoggedRecord): 'info' | 'warn' | 'error' {
  if (record.type === 'fault') return 'error'
  return record.error === undefined ? 'info' : 'warn'
}

function clientField(client: Address | undefined): { client?: string } {
  return client === undefined ? {} : { client: showClient(client) }
}

/** Before a login there is no user. */
function who(user: string, client: string): string {
  return user === '' ? client : `${printable(user)}@${client}`
}

function describe(record: TransferRecord | ChangeRecord | LoginRecord | ProgramRecord): string {
  if (record.type === 'login')
    return record.credential === undefined ? 'login' : `login by ${record.credential}`
  if (record.type === 'program') return describeProgram(record)
  const { op } = record
  const path = printable(record.path)
  if (record.type === 'change')
    return record.to === undefined ? `${op} ${path}` : `${op} ${path} ${printable(record.to)}`
  const { bytes, ms, digest } = record
  const checked = digest === undefined ? '' : ` · ${digest.alg} ${digest.hex}`
  return `${op} ${path} · ${bytes} bytes in ${ms} ms${checked}`
}

function describeProgram({ name, ms, exitCode, signal }: ProgramRecord): string {
  const program = `exec ${printable(name)}`
  if (exitCode !== undefined) return `${program} · ended with exit code ${exitCode} after ${ms} ms`
  return signal === undefined ? program : `${program} · killed by ${signal} after ${ms} ms`
}

import { type ErrorCode, normalizeRemotePath, type ProtocolError } from '@jftp/protocol'
import { COMMAND_HANDLERS } from '../commands/table.js'
import type { ProgramEnd } from '../programs/program.js'
import type { Exchange } from './exchange.js'
import type { ProgramRecord, SessionRecord, TransferRecord } from './session-record.js'
import type { SessionState } from './session-state.js'

/** Tells the server what became of the requests of one session, for its log. */
export class SessionReporter {
  readonly #state: SessionState
  readonly #report: (record: SessionRecord) => void

  constructor(state: SessionState, report: (record: SessionRecord) => void) {
    this.#state = state
    this.#report = report
  }

  /** A transfer has begun that may take long. */
  began(exchange: Exchange, path: string, size?: number): void {
    const { cmd, id } = exchange
    if (cmd !== 'put' && cmd !== 'get') return
    exchange.isAnnounced = true
    this.#report({ type: 'activity', requestId: id, op: cmd, path, ...(size === undefined ? {} : { size }) })
  }

  /** A transfer is still under way. */
  progress(exchange: Exchange): void {
    const { id, passed } = exchange
    if (passed === 0) return
    if (!exchange.isAnnounced) this.began(exchange, this.#pathOf(exchange, 'path'))
    if (exchange.isAnnounced) this.#report({ type: 'progress', requestId: id, bytes: passed })
  }

  /** A transfer ended well, or was not needed. */
  transferred(
    exchange: Exchange,
    path: string,
    result: 'ok' | 'skipped' | 'unchanged',
    facts: Pick<TransferRecord, 'digest' | 'size' | 'resumedFrom'> = {},
  ): void {
    this.#reportTransfer(exchange, path, { result, ...facts })
  }

  /** A request of another kind was answered with `ok`. */
  succeeded(exchange: Exchange): void {
    this.#reportOther(exchange, { result: 'ok' })
  }

  /** A program has ended by itself. */
  programEnded(exchange: Exchange, name: string, end: ProgramEnd): void {
    const { type: _type, ...facts } = end
    this.#reportProgram(exchange, name, { result: 'ok', ...facts })
  }

  /** A request was refused or failed. */
  failed(exchange: Exchange, error: ProtocolError): void {
    const outcome = { result: error.code, error: error.message }
    const path = error.path ?? this.#pathOf(exchange, 'path')
    this.#reportTransfer(exchange, path, outcome)
    this.#reportOther(exchange, outcome)
    this.partFailed(exchange, error)
  }

  /**
   * The client was told of an error, of the whole request or of a part of it. If the message leaves out the cause, it
   * says that the log has it.
   */
  partFailed({ id, logId, cmdText }: Exchange, { code, path, cause }: ProtocolError): void {
    if (code !== 'internal' && code !== 'io-error') return
    this.#report({
      type: 'fault',
      cmd: cmdText,
      requestId: id,
      id: logId,
      user: this.#state.user,
      code,
      ...(path === undefined ? {} : { path }),
      cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    })
  }

  #reportTransfer(
    exchange: Exchange,
    path: string,
    outcome: Pick<TransferRecord, 'result' | 'error' | 'digest' | 'size' | 'resumedFrom'>,
  ): void {
    const { cmd, id, logId, arrived } = exchange
    if (cmd !== 'put' && cmd !== 'get') return
    if (exchange.isAnnounced) this.progress(exchange)
    this.#report({
      type: 'transfer',
      op: cmd,
      requestId: id,
      id: logId,
      user: this.#state.user,
      path,
      bytes: exchange.passed,
      ms: Math.round(performance.now() - arrived),
      ...outcome,
    })
  }

  #reportProgram(
    { id, logId, arrived }: Exchange,
    name: string,
    outcome: Pick<ProgramRecord, 'result' | 'error' | 'exitCode' | 'signal'>,
  ): void {
    const ms = Math.round(performance.now() - arrived)
    const { user } = this.#state
    this.#report({ type: 'program', requestId: id, id: logId, user, name, ms, ...outcome })
  }

  #reportOther(exchange: Exchange, outcome: { result: 'ok' } | { result: ErrorCode; error: string }): void {
    const { cmd, id, logId, args } = exchange
    if (cmd === 'login') {
      const user = typeof args['user'] === 'string' ? args['user'].slice(0, MAX_NAME_LENGTH) : ''
      const credential = outcome.result === 'ok' ? this.#state.visitor?.credential : undefined
      const by = credential === undefined ? {} : { credential }
      return this.#report({ type: 'login', requestId: id, id: logId, user, ...by, ...outcome })
    }
    if (cmd === 'exec') {
      const { name } = args
      return this.#reportProgram(
        exchange,
        typeof name === 'string' ? name.slice(0, MAX_NAME_LENGTH) : '',
        outcome,
      )
    }
    if (cmd === undefined || !COMMAND_HANDLERS[cmd].isAlwaysLogged) {
      if (outcome.result !== 'ok' && cmd !== 'put' && cmd !== 'get') {
        this.#report({ type: 'refusal', code: outcome.result })
      }
      return
    }
    const isMove = args['to'] !== undefined
    this.#report({
      type: 'change',
      op: cmd,
      requestId: id,
      id: logId,
      user: this.#state.user,
      path: this.#pathOf(exchange, isMove ? 'from' : 'path'),
      ...(isMove ? { to: this.#pathOf(exchange, 'to') } : {}),
      ...outcome,
    })
  }

  /** A path of the request, from the root on; as the client wrote it if it is malformed. */
  #pathOf({ args }: Exchange, field: 'path' | 'from' | 'to'): string {
    const path = args[field]
    if (typeof path !== 'string') return ''
    try {
      return normalizeRemotePath(path, this.#state.cwd)
    } catch {
      return path.slice(0, MAX_PATH_LENGTH)
    }
  }
}

/** Characters of what a client wrote that a line of the log holds at most. */
const MAX_NAME_LENGTH = 256
const MAX_PATH_LENGTH = 8192

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ProtocolError, type WireError } from '@jftp/protocol'
import type {
  Address,
  BaseServer,
  CloseOptions,
  ListenAddress,
  ServerOptions,
  StreamServer,
} from '@jftp/socketserver'
import type { DaemonConfig } from './cli/config.js'
import type {
  EventNotice,
  HandlerSettings,
  NotKept,
  Question,
  SessionFacts,
  Settled,
} from './ftp-request-handler.js'
import { GuardedLogins } from './guarded-logins.js'
import { type StreamServerClass, serverClassFor } from './server-class.js'
import type { ServerServices } from './server-services.js'
import type { SessionRecord, SessionReport } from './session/session-record.js'
import { addressGroup } from './session-table/address-group.js'
import { isAdmitted, Refusals, tellRefusal } from './session-table/refusals.js'
import { SecuredConnections } from './session-table/secured-connections.js'
import { SessionLog } from './session-table/session-log.js'
import type { SessionEntry } from './session-table/session-table.js'
import { handshakeFault } from './tls/handshake-fault.js'
import type { LoginAnswer } from './visitors/account.js'

/** How long a session that is ended from outside has to tell its client why, in ms. */
const LAST_WORDS_MS = 3_000

/**
 * V8 lets a thread's heap for young objects grow to 48 MiB while many clients connect, and hardly ever gives that back.
 * With 12 MiB the work on many small files was measured to take no more time.
 */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 12 }

const handler = new URL('./ftp-request-handler.js', import.meta.url)

/** The server, with what the metrics and the operator want of it. */
export type FtpServer = BaseServer & {
  /** Connections that were accepted and that no handler has yet. */
  readonly waitingConnections: number
  /** Connections that it takes at once. */
  maxConnections: number
  /** Ends a session. Returns whether there was one with this number. */
  kick(session: number): boolean
}

/** The server for a configuration: TCP or Unix socket, in worker threads or on the event loop. */
export async function createFtpServer(
  config: DaemonConfig,
  handlerSettings: HandlerSettings,
  services: ServerServices,
): Promise<FtpServer> {
  const address: ListenAddress =
    config.descriptor === undefined ? (config.unix ?? [config.host, config.port]) : { fd: config.descriptor }
  const options: ServerOptions = {
    context: handlerSettings,
    maxConnections: services.sessions.limits.total,
    ...(config.proxies === undefined ? {} : { proxies: config.proxies }),
    ...(config.workers > 0 ? { maxThreads: config.workers, threadLimits: THREAD_LIMITS } : {}),
    ...(services.tls === undefined ? {} : { tls: services.tls.options() }),
  }
  const Server = WithSessions(serverClassFor(config), services)
  const server = await Server.listen(address, handler, options)
  services.tls?.serve((server as unknown as StreamServer).socket)
  return server
}

/** Admits connections as far as the table of sessions has room, keeps the table, and writes the log. */
function WithSessions(
  Base: StreamServerClass,
  { accounts, guard, sessions, deadlines, log: root, metrics, tls, uploaded, webhook }: ServerServices,
) {
  const log = new SessionLog(root)
  const logins = new GuardedLogins(accounts, guard, sessions)
  guard.onBan = (ban) => {
    log.banned(ban)
    metrics?.banned()
  }
  const secured = new SecuredConnections()
  const refusals = new Refusals(log, ({ code }) => metrics?.refused(code))
  return class extends (Base as typeof BaseServer) {
    get handshakeTimeout(): number {
      return deadlines.loginMs
    }

    /** How long the TLS handshake took: a part of the time that the client has to log in. */
    handshakeMs(request: unknown): number {
      return tls === undefined ? 0 : (this as unknown as StreamServer).handshakeTime(request as Socket)
    }

    get waitingConnections(): number {
      return this.heldRequests - this.activeRequests
    }

    declare maxConnections: number

    override handleOverload(request: unknown, clientAddress: Address): void {
      refusals.refuse(request as Socket, clientAddress, sessions.full)
    }

    handleHandshakeError(error: Error, clientAddress: Address, connection: Socket): void {
      const fault = handshakeFault(error, deadlines)
      if (fault.isPlain) refusals.refuse(connection, clientAddress, fault.error)
      else refusals.note(clientAddress, fault.error)
    }

    override async serverClose(options?: CloseOptions): Promise<void> {
      await super.serverClose(options)
      refusals.close()
    }

    /** Through TLS a refusal costs a handshake. So whoever comes again and again gets neither. */
    verifyHandshake(connection: Socket, clientAddress: Address): boolean {
      const group = addressGroup(clientAddress)
      return isAdmitted(
        () => {
          guard.admitHandshake(group)
          if (group !== undefined) secured.admit(group, connection, sessions.limits.perAddress)
        },
        (error) => refusals.note(clientAddress, error),
      )
    }

    override verifyRequest(request: unknown, clientAddress: Address): boolean {
      return isAdmitted(
        () => {
          guard.admit(addressGroup(clientAddress))
          sessions.admit(clientAddress)
        },
        (error) => refusals.refuse(request as Socket, clientAddress, error),
      )
    }

    override async runRequest(request: unknown, clientAddress: Address): Promise<void> {
      const session = sessions.begin(request, clientAddress)
      log.started(session)
      metrics?.started()
      await super.runRequest(request, clientAddress)
      sessions.end(request)
      accounts.ended(session.id)
      log.ended(session)
      metrics?.ended(session)
    }

    /** Ends a session. Its client is told why, if its thread is not too busy for that. Returns whether there was one. */
    kick(id: number): boolean {
      const request = sessions.kick(id)
      if (request === undefined) return false
      setTimeout(() => {
        if (sessions.of(request)?.id === id) void this.closeRequest(request)
      }, LAST_WORDS_MS).unref()
      return true
    }

    override handleQuestion(
      asked: unknown,
      request: unknown,
    ): SessionFacts | Promise<number | WireError | LoginAnswer> {
      const session = sessions.of(request)
      if (session === undefined) throw new Error('a connection without a session has a handler')
      const question = asked as Question
      switch (question.type) {
        case 'session':
          return { id: session.id, handshakeMs: this.handshakeMs(request) }
        case 'reserve':
          return accounts.reserve(session.id, question.bytes)
        case 'login':
          return logins.login(question.request, session, {
            challenge: question.challenge,
            certificate: tls?.fingerprintShownTo(request as TLSSocket),
          })
      }
    }

    override handleMessage(message: unknown): void {
      const report = message as SessionReport | NotKept | Settled | EventNotice
      if (report.type === 'settled') return accounts.settle(report.reservation, report.stored)
      if (report.type === 'digests-not-kept') return log.digestsNotKept(report.reason)
      if (report.type === 'event-queued') return webhook.add(report.event)
      if (report.type === 'event-not-queued')
        return webhook.notQueued(report.requestId, report.path, report.reason)
      const { session: id, records } = report
      const session = sessions.get(id)
      if (session === undefined) return
      for (const record of JSON.parse(records) as SessionRecord[]) this.#take(record, session)
    }

    #take(record: SessionRecord, session: SessionEntry): void {
      metrics?.record(record, session)
      if (record.type === 'goodbye') session.reason ??= record.reason
      else if (record.type === 'farewell') session.hasSaidBye = true
      else if (record.type === 'activity') sessions.beginTransfer(session, record)
      else if (record.type === 'progress') sessions.noteProgress(session, record)
      else if (record.type !== 'refusal') {
        if (record.type === 'transfer') sessions.endTransfer(session, record.requestId)
        log.record(record, session)
      }
      if (record.type === 'transfer' && record.op === 'put' && record.result === 'ok') {
        const { path, size = 0, digest, user, id: requestId } = record
        const address = typeof session.client === 'string' ? 'unix' : session.client[0]
        uploaded.add({ path, size, digest, user, address, requestId })
      }
    }

    override handleError(_request: unknown, clientAddress: Address | undefined, error: unknown): void {
      log.failed(clientAddress, error)
    }

    override handleAcceptError(error: Error, clientAddress?: Address, connection?: unknown): void {
      if (connection !== undefined) {
        const told = new ProtocolError(
          'protocol-error',
          `${error.message}; your address is one of --proxy-protocol, so it is taken for a load balancer`,
        )
        tellRefusal(connection as Socket, told)
      }
      log.notAccepted(clientAddress, error)
      metrics?.notAccepted()
    }

    handleWorkerExit(error: Error): void {
      log.workerLost(error)
      metrics?.workerLost()
    }
  }
}

import type { Duplex } from 'node:stream'
import { ProtocolError, type RequestOf, type WireError } from '@jftp/protocol'
import { BaseRequestHandler } from '@jftp/socketserver'
import type { RateLimitShare } from '@jftp/transfer'
import { runHook } from './hook.js'
import { LiveSessions } from './live-sessions.js'
import type { LiveTables } from './live-tables.js'
import { openShared } from './open-shared.js'
import { Programs } from './programs/programs.js'
import { ReportBatch } from './session/report-batch.js'
import { Session } from './session/session.js'
import { shuttingDown } from './session/session-error.js'
import type { SessionServices } from './session/session-services.js'
import { DiskRoot } from './storage/disk-root.js'
import { DiskStorage } from './storage/disk-storage.js'
import { KeptDigests } from './storage/kept-digests.js'
import type { SharedName } from './storage/shared-storage.js'
import { UploadQuota } from './storage/upload-quota.js'
import { UserHome } from './storage/user-home.js'
import { threadSettingsOf } from './thread-settings.js'
import { AGENT } from './version.js'
import type { LoginAnswer } from './visitors/account.js'
import { Logins } from './visitors/logins.js'
import { Outbox, type QueuedEvent } from './webhooks/outbox.js'

/** What every handler is given by the server, in whatever thread it runs. */
export interface HandlerSettings {
  /** The real path of the folder served. */
  readonly root: string
  /** What is served instead, to read only; undefined if the root is served. */
  readonly shared: readonly SharedName[] | undefined
  /** The memory of the MethodOffer: which ways to log in there are at the moment. */
  readonly loginMethods: SharedArrayBuffer
  /** The memory of the main thread's SharedDeadlines. */
  readonly deadlines: SharedArrayBuffer
  /** Whether the digests of files are kept, to be known again without reading the files. */
  readonly keepsDigests: boolean
  /** Whether what came of uploads that were cut is kept to be continued. */
  readonly keepsPartials: boolean
  /** For all sessions in all threads together. */
  readonly rate: RateLimitShare
  /** The memory of the main thread's LiveTables. */
  readonly tables: SharedArrayBuffer
  /** The memory of the main thread's Outbox. */
  readonly outbox: SharedArrayBuffer
  /** The memory of the main thread's KickedSessions. */
  readonly kicked: SharedArrayBuffer
  /** The memory of the main thread's ThreadGauges; undefined if nobody wants to know how busy threads are. */
  readonly threadGauges: SharedArrayBuffer | undefined
}

/** What a handler asks its server: the facts about its session, who it is that wants to log in, or bytes of the user's quota. */
export type Question =
  | { readonly type: 'session' }
  | {
      readonly type: 'login'
      readonly request: RequestOf<'login'>
      /** What the client had to sign if it logs in by a key. */
      readonly challenge: string | undefined
    }
  | { readonly type: 'reserve'; readonly bytes: number }

/** A handler tells its server that it needs a reservation of the quota no more. */
export interface Settled {
  readonly type: 'settled'
  readonly reservation: number
  /** The bytes of the file that was stored; 0 if none was. */
  readonly stored: number
}

/** What a handler is told about its session. */
export interface SessionFacts {
  readonly id: number
  /** How long the TLS handshake took before the session began; 0 without TLS. */
  readonly handshakeMs: number
}

/** A handler tells its server that digests can't be kept, and why. */
export interface NotKept {
  readonly type: 'digests-not-kept'
  readonly reason: string
}

/** A handler tells its server that an event for the webhook is in the outbox, or why it is not. */
export type EventNotice =
  | { readonly type: 'event-queued'; readonly event: QueuedEvent }
  | {
      readonly type: 'event-not-queued'
      readonly requestId: string
      readonly path: string
      readonly reason: string
    }

/** One for each folder and thread: its staging folder and its commits are shared by the thread's visitors. */
const roots = new Map<string, DiskRoot>()

const liveSessions = new LiveSessions()

/** Serves one connection; runs in worker threads and on the event loop alike. */
export default class FtpRequestHandler extends BaseRequestHandler<Duplex, HandlerSettings> {
  override async handle(): Promise<void> {
    const { server } = this
    const { root, shared, kicked, threadGauges } = server.context
    const facts = this.#ask<SessionFacts>({ type: 'session' })
    const reports = new ReportBatch(
      facts.then(({ id }) => id),
      (report) => server.notify(report),
    )
    const { offer, deadlines, rates, tables } = threadSettingsOf(server.context)
    const acceptUpload = this.#acceptUpload(tables)
    const keepEvent = this.#keepEvent()
    let home: UserHome | undefined
    const session = new Session(this.request, {
      agent: AGENT,
      logins: new Logins({
        methods: () => offer.names,
        ask: (request, challenge) => this.#ask<LoginAnswer>({ type: 'login', request, challenge }),
        openStorage: async ({ home: path, hasQuota }, permissions) => {
          const rootAt = (folder: string) =>
            diskRootAt(folder, server.context, (report) => server.notify(report))
          if (shared !== undefined) return openShared(shared, permissions.user, rootAt)
          const quota = hasQuota ? this.#quota() : undefined
          const disk = rootAt(root)
          if (path === '/') return new DiskStorage(disk, permissions, quota)
          const opened = await UserHome.open(disk, path)
          // Whoever logs in again on the same connection needs the home before no more.
          home?.close()
          home = opened
          return new DiskStorage(home.root, permissions, quota)
        },
        programsOf: ({ user, isLimited = false }) =>
          new Programs(tables, { user, address: this.#address, isLimited }, root),
        rates,
      }),
      closing: server.closing,
      deadlines,
      // They may change while the session runs.
      get acceptUpload() {
        return tables.current.acceptUpload === undefined ? undefined : acceptUpload
      },
      get keepEvent() {
        return tables.current.hasWebhook ? keepEvent : undefined
      },
      report: (record) => reports.add(record),
    })
    void facts.then(
      ({ id, handshakeMs }) => {
        session.beganBefore(handshakeMs)
        liveSessions.identify(session, id)
      },
      () => {},
    )
    try {
      await liveSessions.run(session, kicked, threadGauges)
    } finally {
      await reports.flush()
      home?.close()
    }
  }

  #acceptUpload(tables: LiveTables): SessionServices['acceptUpload'] {
    return async (upload) => {
      const { acceptUpload: program, hookTimeoutMs } = tables.current
      if (program === undefined) return
      const outcome = await runHook(program, { ...upload, address: this.#address }, hookTimeoutMs)
      if (outcome.type === 'rejected') throw new ProtocolError('permission-denied', outcome.reason)
    }
  }

  #keepEvent(): SessionServices['keepEvent'] {
    const { server } = this
    const { root, outbox: memory } = server.context
    let outbox: Outbox | undefined
    return async (upload) => {
      const { requestId, path } = upload
      outbox ??= new Outbox(root, memory)
      const notice = await outbox.add({ ...upload, address: this.#address }).then(
        (event): EventNotice => ({ type: 'event-queued', event }),
        (error: Error): EventNotice => ({ type: 'event-not-queued', requestId, path, reason: error.message }),
      )
      try {
        server.notify(notice)
      } catch {
        // The connection has ended. The main thread finds the event all the same, only later.
      }
    }
  }

  get #address(): string {
    const { clientAddress } = this
    return typeof clientAddress === 'string' ? 'unix' : String(clientAddress[0])
  }

  #quota(): UploadQuota {
    return new UploadQuota({
      reserve: async (bytes) => {
        const answer = await this.#ask<number | WireError>({ type: 'reserve', bytes })
        return typeof answer === 'number' ? answer : new ProtocolError(answer.code, answer.message)
      },
      settle: (reservation, stored) => this.server.notify({ type: 'settled', reservation, stored }),
    })
  }

  async #ask<Answer>(question: Question): Promise<Answer> {
    try {
      return await this.server.ask<Answer>(question)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'CLOSED')) throw error
      throw shuttingDown(error)
    }
  }
}

function diskRootAt(
  path: string,
  { keepsDigests, keepsPartials }: HandlerSettings,
  notify: (report: NotKept) => void,
): DiskRoot {
  const known = roots.get(path)
  if (known !== undefined) return known
  const tell = (reason: string) => notify({ type: 'digests-not-kept', reason })
  const root = new DiskRoot(path, {
    digests: keepsDigests ? new KeptDigests(path, tell) : undefined,
    minPartialSize: keepsPartials ? undefined : Number.POSITIVE_INFINITY,
  })
  roots.set(path, root)
  return root
}

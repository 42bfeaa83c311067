import type { Duplex } from 'node:stream'
import { ProtocolError } from '@jftp/protocol'
import { BaseRequestHandler } from '@jftp/socketserver'
import { RateLimit, type RateLimitShare } from '@jftp/transfer'
import { LiveSessions } from './live-sessions.js'
import type { Deadlines } from './session/deadline.js'
import { ReportBatch } from './session/report-batch.js'
import { Session } from './session/session.js'
import { DiskRoot } from './storage/disk-root.js'
import { DiskStorage } from './storage/disk-storage.js'
import { KeptDigests } from './storage/kept-digests.js'
import { AGENT } from './version.js'
import { type AnonymousAccess, anonymousLogin } from './visitors/anonymous.js'
import { Logins } from './visitors/logins.js'

/** What every handler is given by the server, in whatever thread it runs. */
export interface FtpContext {
  /** The real path of the folder served. */
  readonly root: string
  readonly anonymousAccess: AnonymousAccess
  readonly deadlines: Deadlines
  /** Whether the digests of files are kept, to be known again without reading the files. */
  readonly keepsDigests: boolean
  /** Whether what came of uploads that were cut is kept to be continued. */
  readonly keepsPartials: boolean
  /** For all sessions in all threads together. */
  readonly rate: RateLimitShare | undefined
  /** The memory of the main thread's ThreadGauges; undefined if nobody wants to know how busy threads are. */
  readonly threadGauges: SharedArrayBuffer | undefined
}

/** A handler tells its server that digests can't be kept, and why. */
export interface NotKept {
  readonly type: 'digests-not-kept'
  readonly reason: string
}

/** One for each folder and thread: its staging folder and its commits are shared by the thread's visitors. */
const roots = new Map<string, DiskRoot>()

const liveSessions = new LiveSessions()

/** Serves one connection; runs in worker threads and on the event loop alike. */
export default class FtpRequestHandler extends BaseRequestHandler<Duplex, FtpContext> {
  override async handle(): Promise<void> {
    const { root, anonymousAccess, deadlines, rate } = this.server.context
    const server = this.server
    const rootAt = (path: string) => diskRootAt(path, server.context, (report) => server.notify(report))
    const reports = new ReportBatch(this.server.ask<number>('session'), (report) =>
      this.server.notify(report),
    )
    const session = new Session(this.request, {
      agent: AGENT,
      logins: new Logins(
        [anonymousLogin(root, anonymousAccess)],
        (account) => new DiskStorage(rootAt(account.root), account.permissions),
        rate === undefined ? [] : [new RateLimit(rate.bytesPerSecond, rate.memory)],
      ),
      closing: this.server.closing,
      deadlines,
      report: (record) => reports.add(record),
    })
    void this.#awaitKick(session)
    try {
      await liveSessions.run(session, this.server.context.threadGauges)
    } finally {
      await reports.flush()
    }
  }

  /** The answer to this question comes when the session is over, or when somebody ends it from outside. */
  async #awaitKick(session: Session): Promise<void> {
    try {
      if (await this.server.ask<boolean>('kicked')) session.dismiss(kicked())
    } catch {
      // The server cut the session off, and with it its questions.
    }
  }
}

function kicked(): ProtocolError {
  return new ProtocolError('permission-denied', 'the operator of the server ended this session')
}

function diskRootAt(
  path: string,
  { keepsDigests, keepsPartials }: FtpContext,
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

import type { Duplex } from 'node:stream'
import { ProtocolError } from '@jftp/protocol'
import { BaseRequestHandler } from '@jftp/socketserver'
import { AGENT } from './agent.js'
import { PERMISSIONS } from './commands/command.js'
import { Session } from './session/session.js'
import { DiskStorage } from './storage/disk-storage.js'
import type { Storage } from './storage/storage.js'

/** What every handler is given by the server, in whatever thread it runs. */
export interface FtpContext {
  /** The real path of the folder served. */
  readonly root: string
}

/** One storage a thread: its staging folder and its commits are shared by the thread's sessions. */
const storages = new Map<string, Storage>()

/** Serves one connection; runs in worker threads and on the event loop alike. */
export default class FtpRequestHandler extends BaseRequestHandler<Duplex, FtpContext> {
  override async handle(): Promise<void> {
    const session = new Session(this.request, {
      agent: AGENT,
      storage: storageOf(this.server.context.root),
      closing: this.server.closing,
      login: loginAnonymous,
      report: (record) => this.server.notify(record, this.clientAddress),
    })
    await session.run()
  }
}

function storageOf(root: string): Storage {
  let storage = storages.get(root)
  if (storage === undefined) {
    storage = new DiskStorage(root)
    storages.set(root, storage)
  }
  return storage
}

/** There are no accounts yet, which is why ftpd listens on loopback only. */
function loginAnonymous(user: string) {
  if (user !== 'anonymous') {
    throw new ProtocolError(
      'login-failed',
      `this server knows no user ${JSON.stringify(user)}; log in as anonymous`,
    )
  }
  return { user, home: '/', permissions: PERMISSIONS }
}

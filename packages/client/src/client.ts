import type {
  CallOptions,
  GetOptions,
  GetSink,
  ListOptions,
  MkdirOptions,
  MoveOptions,
  PutOptions,
  PutSource,
  RemoteEntry,
} from './call-options.js'
import { list } from './calls/list.js'
import { run } from './calls/simple-call.js'
import { checkOptions, toRemotePath } from './checked-arguments.js'
import type { Connection } from './connection/connection.js'
import { get } from './download/get.js'
import { FtpError } from './errors/ftp-error.js'
import type { TransferResult } from './transfer-result.js'
import { put } from './upload/put.js'

/**
 * One logged-in connection. Remote paths are absolute (a relative one counts from `/`). Calls may be
 * made without waiting for earlier ones: they leave at once and are carried out in the order made.
 * Every failure is an FtpError.
 */
export class FtpClient implements AsyncDisposable {
  /** The server, without path and credentials. */
  readonly url: URL
  /** Resolves when logged in; rejects with the reason why not. `connect` has waited for it, `open` has not. */
  readonly ready: Promise<void>
  readonly #connection: Connection
  #login: { user: string; home: string } | undefined

  /** Clients are made by `connect` and `open`. */
  constructor(connection: Connection, url: URL, login: Promise<{ user: string; home: string }>) {
    this.#connection = connection
    this.url = url
    this.ready = login.then((facts) => {
      this.#login = facts
    })
  }

  /** Who one is; throws `usage` before `ready`. */
  get user(): string {
    return this.#facts.user
  }

  /** The folder this user starts in; throws `usage` before `ready`. */
  get home(): string {
    return this.#facts.home
  }

  /** Resolves when the connection is gone, with the first failure; undefined where `close` ended it. */
  get closed(): Promise<FtpError | undefined> {
    return this.#connection.closed
  }

  /** Stores a file. Resolves when it is checked, durable and visible under its name. */
  put(source: PutSource, remotePath: string, options: PutOptions = {}): Promise<TransferResult> {
    return put(this.#connection, source, remotePath, options)
  }

  /** Fetches a file. A local path holds it only when complete, checked and durable. */
  get(remotePath: string, sink: GetSink, options: GetOptions = {}): Promise<TransferResult> {
    return get(this.#connection, remotePath, sink, options)
  }

  /** The entries of a folder in its own order; of a file, that one entry. */
  list(remotePath: string, options: ListOptions = {}): AsyncIterable<RemoteEntry> {
    return list(this.#connection, remotePath, options)
  }

  async stat(remotePath: string, options: CallOptions = {}): Promise<RemoteEntry> {
    const { entry, path } = await run(this.#connection, 'stat', () => at(remotePath), options)
    return { ...entry, path }
  }

  async mkdir(remotePath: string, options: MkdirOptions = {}): Promise<void> {
    const { parents } = options
    await run(this.#connection, 'mkdir', () => ({ ...at(remotePath), parents }), options)
  }

  /** Removes a file or a link. */
  async rm(remotePath: string, options: CallOptions = {}): Promise<void> {
    await run(this.#connection, 'rm', () => at(remotePath), options)
  }

  /** Removes an empty folder. */
  async rmdir(remotePath: string, options: CallOptions = {}): Promise<void> {
    await run(this.#connection, 'rmdir', () => at(remotePath), options)
  }

  /** Moves or renames; what has the new name stays unless `onExists` says otherwise. */
  async mv(from: string, to: string, options: MoveOptions = {}): Promise<void> {
    const { onExists } = options
    const paths = () => ({ from: toRemotePath(from), to: toRemotePath(to), onExists })
    await run(this.#connection, 'mv', paths, options)
  }

  /** Milliseconds to the server and back, past everything that waits there. */
  async ping(options: CallOptions = {}): Promise<number> {
    checkOptions('ping', options)
    return this.#connection.ping(options.signal)
  }

  /** Says BYE and ends the connection; calls not yet answered fail with `closed`. May be called again. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #facts(): { user: string; home: string } {
    if (this.#login !== undefined) return this.#login
    throw new FtpError('usage', 'the login was not answered yet; wait for `ready` first')
  }
}

function at(remotePath: string): { path: string } {
  return { path: toRemotePath(remotePath) }
}

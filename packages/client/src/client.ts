import type { RateLimit } from '@jftp/transfer'
import type { CallOptions, GetOptions, GetSink, PutOptions, PutSource } from './call-options.js'
import { checkOptions } from './checked-arguments.js'
import type { Connection } from './connection/connection.js'
import { isStreamPath } from './descriptor-stream.js'
import { get } from './download/get.js'
import { FtpError } from './errors/ftp-error.js'
import { RemoteFiles } from './remote-files.js'
import type { ConnectionLink } from './retry/connection-link.js'
import type { TreeComparison } from './sync/compare-trees.js'
import type { DiffOptions, SyncOptions, SyncResult, SyncRoots } from './sync/sync-options.js'
import type { TransferResult } from './transfer-result.js'
import type { GetTreeOptions, PutTreeOptions, TreePair, TreeResult } from './tree/tree-options.js'
import { put } from './upload/put.js'
import { canBePutAgain } from './upload/repeatable-source.js'

/**
 * One connection to a server. Remote paths are absolute; a relative one counts from `/`. Calls may be made without
 * waiting for earlier ones: they are sent at once, and the server carries them out in the order in which they were
 * made. Every failure is an FtpError.
 */
export class FtpClient extends RemoteFiles implements AsyncDisposable {
  /** The server's URL, without path and user. */
  readonly url: URL
  /** Resolves after the login and rejects if that fails. `connect` has waited for it, and `open` has not. */
  readonly ready: Promise<void>
  readonly #link: ConnectionLink
  readonly #open: () => FtpClient
  #login: { user: string; home: string } | undefined

  /** Clients are made by `connect` and `open`. */
  constructor(link: ConnectionLink, url: URL, open: () => FtpClient) {
    super(link)
    this.#link = link
    this.#open = open
    this.url = url
    this.ready = link
      .run(undefined, ({ login }) => login)
      .then((facts) => {
        this.#login = facts
      })
  }

  /** The user that the login gave. Throws `usage` before `ready`. */
  get user(): string {
    return this.#facts.user
  }

  /** The folder in which this user starts. Throws `usage` before `ready`. */
  get home(): string {
    return this.#facts.home
  }

  /** The most that this connection may move, sent and received together. It may be changed at any time. */
  get limitRate(): RateLimit | undefined {
    return this.#connection.limitRate
  }

  set limitRate(limit: RateLimit | undefined) {
    this.#connection.limitRate = limit
  }

  /**
   * Resolves when the connection is gone, to its first failure or, if `close` ended it, to undefined. With the option
   * `retry`, a connection that a transfer is about to make again is not gone.
   */
  get closed(): Promise<FtpError | undefined> {
    return this.#link.closed
  }

  /** Stores a file. Resolves when it is checked, durable and visible under its name. */
  put(source: PutSource, remotePath: string, options: PutOptions = {}): Promise<TransferResult> {
    if (!canBePutAgain(source)) return put(this.#connection, source, remotePath, options)
    return this.#link.run(options?.signal, ({ connection }, attempt) =>
      put(connection, source, remotePath, options, attempt === 'again' ? 'resume' : undefined),
    )
  }

  /** Fetches a file. A local path holds it only when complete, checked and durable. */
  get(remotePath: string, sink: GetSink, options: GetOptions = {}): Promise<TransferResult> {
    if (typeof sink !== 'string' || isStreamPath(sink)) {
      return get(this.#connection, remotePath, sink, options)
    }
    if ((options?.segments ?? 1) > 1) return this.#getSegments(remotePath, sink, options)
    return this.#link.run(options?.signal, ({ connection }, attempt) =>
      get(connection, remotePath, sink, options, attempt === 'again' ? 'resume' : undefined),
    )
  }

  /**
   * Fetches whole trees, or single files. Each remote path goes to the local path beside it. Resolves when all is done;
   * what failed is told to `onEvent`. Fails itself only if the connection is lost, or the call is cancelled.
   */
  async getTrees(pairs: Iterable<TreePair>, options: GetTreeOptions = {}): Promise<TreeResult> {
    checkOptions('getTrees', options)
    const { getTrees } = await import('./tree/get-tree.js')
    return getTrees(this, pairs, options)
  }

  /** Stores whole trees, or single files, as `getTrees` fetches them. Folders that are missing are made. */
  async putTrees(pairs: Iterable<TreePair>, options: PutTreeOptions = {}): Promise<TreeResult> {
    checkOptions('putTrees', options)
    const { putTrees } = await import('./tree/put-tree.js')
    return putTrees(this, pairs, options)
  }

  /** Another connection to the same server, made in the same way. It need not be waited for. */
  duplicate(): FtpClient {
    return this.#open()
  }

  /**
   * Makes one tree like the other: what is missing or differs is sent, each copy gets the mtime of its original, and
   * what only the target has is deleted if `delete` says so. The target folder is made if it is missing. Links in the
   * source are followed inside it; other links and special files are left out. What fails does not stop the rest: it is
   * in the result, and told to `onEvent`. Rejects only if the trees can't be compared or the connection is lost.
   */
  async sync(roots: SyncRoots, options: SyncOptions = {}): Promise<SyncResult> {
    const { sync } = await import('./sync/sync.js')
    return sync(this, roots, options)
  }

  /**
   * Compares a local tree with a remote one by the digests of their files, and changes nothing. Every path that both
   * or one of them has is told once, in order; of a folder that only one has, only the folder. What can't be read is
   * told as `failed` and does not end the comparison.
   */
  async *diff(
    roots: Pick<SyncRoots, 'local' | 'remote'>,
    options: DiffOptions = {},
  ): AsyncGenerator<TreeComparison, void, undefined> {
    const { diff } = await import('./sync/diff.js')
    yield* diff(this, roots, options)
  }

  /** Milliseconds to the server and back. The server answers at once, also if requests wait there. */
  async ping(options: CallOptions = {}): Promise<number> {
    checkOptions('ping', options)
    return this.#connection.ping(options.signal)
  }

  /** Says BYE and ends the connection. Calls without an answer fail with code `closed`. May be called again. */
  close(): Promise<void> {
    return this.#link.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #getSegments(remotePath: string, local: string, options: GetOptions): Promise<TransferResult> {
    checkOptions('get', options)
    const { getSegments } = await import('./segments/get-segments.js')
    const others = Array.from({ length: (options.segments ?? 1) - 1 }, () => this.duplicate())
    try {
      const links = [this.#link, ...others.map((other) => other.#link)]
      const result = await getSegments(links, remotePath, local, options)
      if (result !== 'declined') return result
    } finally {
      await Promise.all(others.map((other) => other.close()))
    }
    return this.get(remotePath, local, { ...options, segments: undefined })
  }

  get #connection(): Connection {
    return this.#link.connection
  }

  get #facts(): { user: string; home: string } {
    if (this.#login !== undefined) return this.#login
    throw new FtpError('usage', 'the login was not answered yet; wait for `ready` first')
  }
}

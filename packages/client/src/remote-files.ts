import type { AckOf, RequestInput } from '@jftp/protocol'
import type {
  CallOptions,
  CopyOptions,
  CopyResult,
  FindOptions,
  FolderUsage,
  FoundEntry,
  HashedFile,
  HashOptions,
  ListOptions,
  MkdirOptions,
  MoveOptions,
  ProgramOutput,
  RemoteEntry,
  RemoveOptions,
  Space,
  StatOptions,
  TouchOptions,
  UsageOptions,
} from './call-options.js'
import { exec } from './calls/exec.js'
import { find } from './calls/find.js'
import { hash } from './calls/hash.js'
import { list } from './calls/list.js'
import { run, type SimpleCommand } from './calls/simple-call.js'
import { usage } from './calls/usage.js'
import { checkMode, checkOptions, toRemotePath } from './checked-arguments.js'
import type { Connection } from './connection/connection.js'
import type { ConnectionLink } from './retry/connection-link.js'
import type { RemovedTree } from './tree/remove-tree.js'

/**
 * The requests about the files and folders of a server that move no content to or from this side. With the option
 * `retry`, those that only read, and those that come to the same if they are made twice, are tried again.
 */
export class RemoteFiles {
  readonly #link: ConnectionLink

  constructor(link: ConnectionLink) {
    this.#link = link
  }

  /** The entries of a folder in the server's order. If the path is a file, that is the one entry. */
  list(remotePath: string, options: ListOptions = {}): AsyncIterable<RemoteEntry> {
    return list(this.#link, remotePath, options)
  }

  /**
   * Everything in a folder and in all folders below it, in one request: a folder, then what is in it, then the next
   * name beside it. A folder that can't be read is told and does not end the search. If the path is a file, that is
   * the one entry.
   */
  find(remotePath: string, options: FindOptions = {}): AsyncIterable<FoundEntry> {
    return find(this.#link, remotePath, options)
  }

  async stat(remotePath: string, options: StatOptions = {}): Promise<RemoteEntry> {
    const { links } = options
    const { entry, path } = await this.#repeat('stat', () => ({ ...at(remotePath), links }), options)
    return { ...entry, path }
  }

  /** Resolves if the path leads to a folder, also through links. Fails with `not-found` or `not-a-directory` if not. */
  async checkFolder(remotePath: string, options: CallOptions = {}): Promise<void> {
    await this.#repeat('cd', () => at(remotePath), options)
  }

  async mkdir(remotePath: string, options: MkdirOptions = {}): Promise<void> {
    const { parents } = options
    const args = () => ({ ...at(remotePath), parents })
    // With `parents` it is no error if an earlier attempt has made the folder.
    if (parents) await this.#repeat('mkdir', args, options)
    else await run(this.#connection, 'mkdir', args, options)
  }

  /** Removes a file or a link. */
  async rm(remotePath: string, options: RemoveOptions = {}): Promise<void> {
    const { size, mtime } = options.version ?? {}
    await run(this.#connection, 'rm', () => ({ ...at(remotePath), size, mtime }), options)
  }

  /**
   * Removes a file, a link, or a folder with all that is in it. What can't be removed is in the result, and does not
   * stop the rest. Rejects only if nothing has that name or the connection is lost.
   */
  async removeTree(remotePath: string, options: CallOptions = {}): Promise<RemovedTree> {
    checkOptions('removeTree', options)
    const { removeTree } = await import('./tree/remove-tree.js')
    return removeTree(this, remotePath, options)
  }

  /** Removes an empty folder. */
  async rmdir(remotePath: string, options: CallOptions = {}): Promise<void> {
    await run(this.#connection, 'rmdir', () => at(remotePath), options)
  }

  /** Moves or renames. If something has the new name, this fails unless `onExists` says otherwise. */
  async mv(from: string, to: string, options: MoveOptions = {}): Promise<void> {
    const { onExists } = options
    const paths = () => ({ from: toRemotePath(from), to: toRemotePath(to), onExists })
    await run(this.#connection, 'mv', paths, options)
  }

  /** Copies a file on the server. If something has the new name, this fails unless `onExists` says otherwise. */
  async cp(from: string, to: string, options: CopyOptions = {}): Promise<CopyResult> {
    const { onExists, preserve } = options
    const args = () => ({
      from: toRemotePath(from),
      to: toRemotePath(to),
      onExists,
      preserve: preserve === 'times-and-mode',
    })
    return await run(this.#connection, 'cp', args, options)
  }

  /** Sets the permission bits of a file or a folder. A link is followed. */
  async chmod(remotePath: string, mode: number, options: CallOptions = {}): Promise<void> {
    await this.#repeat('chmod', () => ({ ...at(remotePath), mode: checkMode(mode) }), options)
  }

  /** Sets the time of the last change of a file or a folder. Makes an empty file if nothing has the name. */
  async touch(remotePath: string, options: TouchOptions = {}): Promise<void> {
    const { mtime, create } = options
    await this.#repeat('touch', () => ({ ...at(remotePath), mtime, create }), options)
  }

  /**
   * The digests of files on the server, in the order of the paths, while they are computed. A file that can't be
   * read does not stop the others. As many paths as fit leave in one request.
   */
  hash(
    remotePaths: Iterable<string> | AsyncIterable<string>,
    options: HashOptions = {},
  ): AsyncIterable<HashedFile> {
    return hash(this.#connection, remotePaths, options)
  }

  /**
   * Runs a program that the operator of the server has named, and tells what it prints while it prints it. The last item
   * tells how it ended. If the reader leaves before that, or the connection is lost, the program is killed.
   */
  exec(name: string, args: readonly string[] = [], options: CallOptions = {}): AsyncIterable<ProgramOutput> {
    return exec(this.#connection, name, args, options)
  }

  /** What a folder takes on the server, and each folder in it, every one behind all that is in it. */
  du(remotePath: string, options: UsageOptions = {}): AsyncIterable<FolderUsage> {
    return usage(this.#link, remotePath, options)
  }

  /** How much room there is where `remotePath` is. */
  async df(remotePath: string, options: CallOptions = {}): Promise<Space> {
    const { total, free, available } = await this.#repeat('df', () => at(remotePath), options)
    return { total, free, available }
  }

  /** A request that may be made twice. */
  #repeat<C extends SimpleCommand>(
    cmd: C,
    args: () => RequestInput<C>,
    options: CallOptions,
  ): Promise<AckOf<C>> {
    return this.#link.run(options?.signal, ({ connection }) => run(connection, cmd, args, options))
  }

  get #connection(): Connection {
    return this.#link.connection
  }
}

function at(remotePath: string): { path: string } {
  return { path: toRemotePath(remotePath) }
}

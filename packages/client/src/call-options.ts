import type { Readable, Writable } from 'node:stream'
import type { ReadableStream, WritableStream } from 'node:stream/web'
import type { Digest, DigestAlgorithm, Entry, Usage } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import type { FtpError } from './errors/ftp-error.js'
import type { SshKey } from './keys/ssh-key.js'
import type { Progress } from './progress.js'
import type { RetryOptions } from './retry/retry-options.js'

/** The options of `connect`. */
export interface ConnectOptions {
  /** Gives up connecting. After that it has no effect. */
  readonly signal?: AbortSignal | undefined
  /**
   * Milliseconds to wait for the server. Connecting and logging in must be done within this time (by default
   * 10,000); later, something that was asked for must move within it (by default 60,000), or the connection ends
   * with code `timeout`. A server that still answers PINGs, because it waits for its disk, gets ten times as long.
   */
  readonly timeout?: number | undefined
  /** Who to log in as: wins over the URL's user. The default is `anonymous`. */
  readonly user?: string | undefined
  /** The password of this user. Without TLS it is sent to this machine only; to another one that is `usage`, as for a token. */
  readonly password?: string | undefined
  /** A token. If a user is named too, it must be a token of this user. */
  readonly token?: string | undefined
  /**
   * SSH keys of this user, the likeliest first, of which one has to be known to the server: `parseKeyFile` and
   * `listAgentKeys` give them, and an object with the same fields will do as well. All of them sign, and as many are sent
   * as fit into one login: at least one, eight at most.
   */
  readonly keys?: readonly SshKey[] | undefined
  /**
   * The fingerprint of the certificate that the server of a `jftps:` URL must have: `sha256:` and 64 hex digits, as
   * `ftpd fingerprint` prints it. Nothing else counts then.
   */
  readonly pin?: string | undefined
  /** Certificates of the authorities that must vouch for the server, as PEM. Without it, those that the system trusts. */
  readonly ca?: string | Uint8Array | undefined
  /**
   * The path of a file with certificates that were accepted before, as `rememberHost` writes it. If the file has one for
   * this host and port, the server must have that one.
   */
  readonly knownHosts?: string | undefined
  /**
   * Connects again after the connection was lost, and tries calls again that failed for a reason which may pass: the
   * login, transfers, and requests that only read or that come to the same if they are made twice. A transfer and a
   * listing go on where they were. Streams can't be read or written again, so what comes from or goes to one is tried
   * once, as are all other calls. Without this option nothing is tried again.
   */
  readonly retry?: RetryOptions | undefined
  /** The digest of every transfer that does not ask for another one; `md5` by default. */
  readonly digest?: DigestAlgorithm | undefined
  /**
   * The most bytes per second that this connection moves, sent and received together: from 1,000 on. The connections
   * that share a tree with it count as well. A RateLimit is for all connections that are given the same one.
   */
  readonly limitRate?: number | RateLimit | undefined
}

/** The options of every call. */
export interface CallOptions {
  /** Stops this call, which then fails with code `cancelled`. The connection stays usable. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What to do if the target's name is taken: `rename` keeps the file that has it and stores the new one as
 * `NAME.new`, or as `NAME.new.2` and so on. `skip` leaves it alone and compares nothing. `resume` leaves a file that
 * is equal, and goes on with an earlier transfer that was cut; otherwise it does what `overwrite` does. `newer` replaces
 * a file that was changed before the source was, and skips any other.
 */
export type OnExists = 'overwrite' | 'skip' | 'resume' | 'newer' | 'rename' | 'fail'

export interface TransferOptions extends CallOptions {
  /** Called as bytes pass, and at least once if the transfer succeeds. If it throws, the call fails. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** How the transfer is verified. With `none` only the size is compared. */
  readonly digest?: DigestAlgorithm | undefined
  /** `overwrite` by default. */
  readonly onExists?: OnExists | undefined
  /**
   * Gives the copy exactly the modification time and permission bits of the original. Without it a new file has
   * the original's permission bits less the umask, and a file that is replaced keeps its own.
   */
  readonly preserve?: 'times-and-mode' | undefined
}

export interface PutOptions extends TransferOptions {
  /** Permission bits of the stored file. They win over `preserve`. */
  readonly mode?: number | undefined
  /** Makes the folders that are missing on the way. */
  readonly parents?: boolean | undefined
}

export interface GetOptions extends TransferOptions {
  /** If the local path is a link: `follow`, the default, writes to where it leads; `replace` puts the file in its place. */
  readonly localLink?: 'follow' | 'replace' | undefined
  /**
   * Number of parallel connections for a file of 8 MiB or more. It has an effect only if the file goes to a local path
   * and `onExists` is not `resume`. Each segment is checked by a digest of its own; the digest in the result is that of the whole local file.
   */
  readonly segments?: number | undefined
}

export interface ListOptions extends CallOptions {
  /**
   * Also lists the folders below, each followed by what is in it. Links are listed and not followed. A folder that
   * can't be read ends the listing with its error; `find` goes on.
   */
  readonly recursive?: boolean | undefined
}

export interface FindOptions extends CallOptions {
  /** How many levels below the path are searched: 1 finds what `list` does. By default, all levels are. */
  readonly depth?: number | undefined
  /** Finds only what has a name like this: `*` is any number of characters, `?` is one, `[a-z]` is one of these. */
  readonly name?: string | undefined
  readonly type?: Entry['type'] | undefined
  /**
   * `report`, the default, finds links themselves. `follow` finds what they lead to, and goes into folders behind
   * them; a link that leads out of the root, to nothing or in a circle is still found as a link.
   */
  readonly links?: 'report' | 'follow' | undefined
}

export interface MkdirOptions extends CallOptions {
  /** Makes the folders that are missing on the way. It is no error if the folder exists already. */
  readonly parents?: boolean | undefined
}

export interface RemoveOptions extends CallOptions {
  /**
   * Removes only this version of a file, as `stat` describes what the path leads to; if it is another one by now, this
   * fails with `changed`. A server that is older than this option removes it all the same.
   */
  readonly version?: { readonly size: number; readonly mtime: number } | undefined
}

export interface MoveOptions extends CallOptions {
  /** `fail` by default. */
  readonly onExists?: 'overwrite' | 'fail' | undefined
}

export interface StatOptions extends CallOptions {
  /** `follow` describes what a link leads to; `report`, the default, the link itself. */
  readonly links?: 'report' | 'follow' | undefined
}

export interface CopyOptions extends CallOptions {
  /** `fail` by default. */
  readonly onExists?: 'overwrite' | 'skip' | 'rename' | 'fail' | undefined
  /**
   * Gives the copy exactly the modification time and permission bits of the original. Without it a new file has
   * the original's permission bits less the server's umask, and a file that is replaced keeps its own.
   */
  readonly preserve?: 'times-and-mode' | undefined
}

/** How a copy ended. `path` is the name that it got, which `onExists: 'rename'` may have changed. */
export type CopyResult =
  | { readonly status: 'stored'; readonly path: string; readonly size: number }
  | { readonly status: 'skipped'; readonly path: string }

export interface TouchOptions extends CallOptions {
  /** Milliseconds since 1970; the server's present if it is left out. */
  readonly mtime?: number | undefined
  /** Whether to make an empty file if nothing has the name; true by default. Without it, that is `not-found`. */
  readonly create?: boolean | undefined
}

export interface HashOptions extends CallOptions {
  /** `md5` by default. */
  readonly digest?: Digest['alg'] | undefined
}

/** The digest of a file on the server, or why it could not be read. */
export type HashedFile =
  | { readonly type: 'digest'; readonly path: string; readonly digest: Digest }
  | { readonly type: 'unreadable'; readonly path: string; readonly error: FtpError }

/** What a program on the server has printed; `data` is as it was printed. The last item tells how it ended. */
export type ProgramOutput =
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }
  | { readonly type: 'exit'; readonly exitCode: number }
  | { readonly type: 'killed'; readonly signal: string }

export interface UsageOptions extends CallOptions {
  /** How many levels of folders below the path are reported. Deeper ones only count towards the totals. By default, all are reported. */
  readonly depth?: number | undefined
}

/** The totals of a folder with all that is in it, or why a folder could not be read. */
export type FolderUsage =
  | Extract<Usage, { type: 'total' }>
  | { readonly type: 'unreadable'; readonly path: string; readonly error: FtpError }

/** Bytes of a file system. Of those that are free, some may be kept for its owner. */
export interface Space {
  readonly total: number
  readonly free: number
  readonly available: number
}

/** What can be put: a local path, or bytes in any of these forms. */
export type PutSource = string | Uint8Array | Blob | Readable | ReadableStream | AsyncIterable<Uint8Array>

/** Where a get can go: a local path, or a stream, which is ended after the last byte and destroyed on failure. */
export type GetSink = string | Writable | WritableStream

/** An entry of a listing, with its whole remote path. */
export type RemoteEntry = Entry & { readonly path: string }

/** What `find` gives: an entry, or a folder that could not be read, whose entry came before. */
export type FoundEntry =
  | RemoteEntry
  | { readonly type: 'unreadable'; readonly path: string; readonly error: FtpError }

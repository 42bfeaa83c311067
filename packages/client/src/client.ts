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
import type { FtpError } from './ftp-error.js'
import type { TransferResult } from './transfer-result.js'

/**
 * One logged-in connection. Remote paths are absolute (a relative one counts from `/`). Calls may be
 * made without waiting for earlier ones: they leave at once and are carried out in the order made.
 * Every failure is an FtpError.
 */
export class FtpClient implements AsyncDisposable {
  readonly user: string = ''
  /** The folder this user starts in. */
  readonly home: string = '/'
  /** The server, without path and credentials. */
  readonly url: URL = new URL('jftp://x')
  /** Resolves when the connection is gone, with the first failure; undefined where `close` ended it. */
  readonly closed: Promise<FtpError | undefined> = Promise.resolve(undefined)

  /** Stores a file. Resolves when it is checked, durable and visible under its name. */
  put(_source: PutSource, _remotePath: string, _options: PutOptions = {}): Promise<TransferResult> {
    throw new Error('to come')
  }

  /** Fetches a file. A local path holds it only when complete, checked and durable. */
  get(_remotePath: string, _sink: GetSink, _options: GetOptions = {}): Promise<TransferResult> {
    throw new Error('to come')
  }

  /** The entries of a folder in its own order; of a file, that one entry. */
  list(_remotePath: string, _options: ListOptions = {}): AsyncIterable<RemoteEntry> {
    throw new Error('to come')
  }

  stat(_remotePath: string, _options: CallOptions = {}): Promise<RemoteEntry> {
    throw new Error('to come')
  }

  mkdir(_remotePath: string, _options: MkdirOptions = {}): Promise<void> {
    throw new Error('to come')
  }

  /** Removes a file or a link. */
  rm(_remotePath: string, _options: CallOptions = {}): Promise<void> {
    throw new Error('to come')
  }

  /** Removes an empty folder. */
  rmdir(_remotePath: string, _options: CallOptions = {}): Promise<void> {
    throw new Error('to come')
  }

  mv(_from: string, _to: string, _options: MoveOptions = {}): Promise<void> {
    throw new Error('to come')
  }

  /** Milliseconds to the server and back. */
  ping(_options: CallOptions = {}): Promise<number> {
    throw new Error('to come')
  }

  /** Says BYE and ends the connection; calls not yet answered fail with `closed`. May be called again. */
  close(): Promise<void> {
    throw new Error('to come')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

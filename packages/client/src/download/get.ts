import { Writable } from 'node:stream'
import type { GetOptions, GetSink } from '../call-options.js'
import { checkLocalPath, checkOptions, show, toRemotePath } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { writableAt } from '../descriptor-stream.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { TransferResult } from '../transfer-result.js'
import type { DownloadSink } from './download-sink.js'
import { FileDownload } from './file-download.js'
import { GetCall } from './get-call.js'
import { WebDownload } from './web-download.js'
import { WritableDownload } from './writable-download.js'

/** Fetches `remotePath` into `sink`. */
export function get(
  connection: Connection,
  remotePath: string,
  sink: GetSink,
  options: GetOptions,
): Promise<TransferResult> {
  let download: DownloadSink | undefined
  try {
    // Options that are no object are refused below, where the sink is destroyed.
    download = toDownload(sink, connection, options ?? {})
    checkOptions('get', options)
    return connection.run(new GetCall(connection, toRemotePath(remotePath), download, options))
  } catch (error) {
    const failure = toFtpError(error, String(remotePath))
    download?.discard(failure)
    return Promise.reject(failure)
  }
}

function toDownload(sink: GetSink, connection: Connection, options: GetOptions): DownloadSink {
  if (typeof sink === 'string') {
    checkLocalPath(sink)
    const stream = writableAt(sink)
    return stream === undefined ? new FileDownload(sink, connection, options) : new WritableDownload(stream)
  }
  if (sink instanceof Writable) return new WritableDownload(sink)
  if (typeof sink === 'object' && sink !== null && 'getWriter' in sink) return new WebDownload(sink)
  throw new FtpError('usage', `a get goes to a path, a Writable or a WritableStream, not ${show(sink)}`)
}

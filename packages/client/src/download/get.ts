import { Writable } from 'node:stream'
import { normalizeRemotePath } from '@jftp/protocol'
import type { GetOptions, GetSink } from '../call-options.js'
import type { Connection } from '../connection/connection.js'
import { writableAt } from '../descriptor-stream.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { TransferResult } from '../transfer-result.js'
import type { Download } from './download.js'
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
  let download: Download | undefined
  try {
    download = toDownload(sink, connection, options)
    return connection.run(new GetCall(connection, normalizeRemotePath(remotePath), download, options))
  } catch (error) {
    const failure = toFtpError(error, remotePath)
    download?.discard(failure)
    return Promise.reject(failure)
  }
}

function toDownload(sink: GetSink, connection: Connection, options: GetOptions): Download {
  if (typeof sink === 'string') {
    const stream = writableAt(sink)
    return stream === undefined ? new FileDownload(sink, connection, options) : new WritableDownload(stream)
  }
  if (sink instanceof Writable) return new WritableDownload(sink)
  if ('getWriter' in sink) return new WebDownload(sink)
  throw new FtpError('usage', 'a get goes to a path, a Writable or a WritableStream')
}

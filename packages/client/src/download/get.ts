import { Writable } from 'node:stream'
import { normalizeRemotePath } from '@jftp/protocol'
import type { GetOptions, GetSink } from '../call-options.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { TransferResult } from '../transfer-result.js'
import type { Download } from './download.js'
import { FileDownload } from './file-download.js'
import { GetCall } from './get-call.js'
import { WebDownload, WritableDownload } from './stream-download.js'

/** Fetches `remotePath` into `sink`. */
export function get(
  connection: Connection,
  remotePath: string,
  sink: GetSink,
  options: GetOptions,
): Promise<TransferResult> {
  try {
    const path = normalizeRemotePath(remotePath)
    return connection.run(new GetCall(connection, path, toDownload(sink, connection, options), options))
  } catch (error) {
    return Promise.reject(toFtpError(error, remotePath))
  }
}

function toDownload(sink: GetSink, connection: Connection, options: GetOptions): Download {
  if (typeof sink === 'string') return new FileDownload(sink, connection, options)
  if (sink instanceof Writable) return new WritableDownload(sink)
  if ('getWriter' in sink) return new WebDownload(sink)
  throw new FtpError('usage', 'a get goes to a path, a Writable or a WritableStream')
}

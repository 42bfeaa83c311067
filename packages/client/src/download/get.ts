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

/** Fetches `remotePath` into `sink`. `resume`: whether to go on with what came of it earlier. */
export async function get(
  connection: Connection,
  remotePath: string,
  sink: GetSink,
  options: GetOptions,
  resume: 'resume' | 'anew' = options?.onExists === 'resume' ? 'resume' : 'anew',
): Promise<TransferResult> {
  let download: DownloadSink | undefined
  let call: GetCall
  try {
    // Options that are no object are refused below, where the sink is destroyed.
    download = toDownload(sink, remotePath, connection, options ?? {})
    checkOptions('get', options)
    const path = toRemotePath(remotePath)
    if (resume === 'resume' && download instanceof FileDownload) {
      await download.findStart(options.digest ?? connection.digest)
    }
    call = new GetCall(connection, path, download, options)
  } catch (error) {
    const failure = toFtpError(error, String(remotePath))
    download?.discard(failure)
    throw failure
  }
  try {
    return await connection.run(call)
  } finally {
    // Whoever goes on with it, or ends the process, finds all that came.
    await download.keeping
  }
}

function toDownload(
  sink: GetSink,
  remotePath: string,
  connection: Connection,
  options: GetOptions,
): DownloadSink {
  if (typeof sink === 'string') {
    checkLocalPath(sink)
    const stream = writableAt(sink)
    if (stream !== undefined) return new WritableDownload(stream)
    return new FileDownload(sink, connection.resources, {
      ...options,
      url: `${connection.origin}${remotePath}`,
    })
  }
  if (sink instanceof Writable) return new WritableDownload(sink)
  if (typeof sink === 'object' && sink !== null && 'getWriter' in sink) return new WebDownload(sink)
  throw new FtpError('usage', `a get goes to a path, a Writable or a WritableStream, not ${show(sink)}`)
}

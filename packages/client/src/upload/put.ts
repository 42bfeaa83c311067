import { MAX_EAGER_SIZE } from '@jftp/protocol'
import type { PutSource } from '../call-options.js'
import { checkLocalPath, checkOptions, show, toRemotePath } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { readableAt } from '../descriptor-stream.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { TransferResult } from '../transfer-result.js'
import type { LocalKind, WalkedPutOptions } from '../walked-put-options.js'
import { BytesUpload } from './bytes-upload.js'
import { FileUpload } from './file-upload.js'
import { StartDiffers } from './kept-start.js'
import { PutCall } from './put-call.js'
import { StreamUpload } from './stream-upload.js'
import type { UploadSource } from './upload-source.js'

/** Stores `source` under `remotePath`. */
export function put(
  connection: Connection,
  source: PutSource,
  remotePath: string,
  options: WalkedPutOptions,
  resume: 'resume' | 'anew' = options?.onExists === 'resume' ? 'resume' : 'anew',
): Promise<TransferResult> {
  const first = attempt(connection, source, remotePath, options, resume)
  if (resume === 'anew') return first
  return first.catch((error: unknown) => {
    if (!(error instanceof StartDiffers)) throw error
    // The server has forgotten what it had kept.
    return attempt(connection, source, remotePath, options, 'anew')
  })
}

function attempt(
  connection: Connection,
  source: PutSource,
  remotePath: string,
  options: WalkedPutOptions,
  resume: 'resume' | 'anew',
): Promise<TransferResult> {
  let upload: UploadSource | undefined
  try {
    upload = toUpload(source, connection, options?.localKind)
    checkOptions('put', options)
    return connection.run(new PutCall(connection, upload, toRemotePath(remotePath), options, resume))
  } catch (error) {
    upload?.abandon()
    return Promise.reject(toFtpError(error, String(remotePath)))
  }
}

function toUpload(source: PutSource, connection: Connection, kind?: LocalKind): UploadSource {
  // Under a slow limit, a file that takes long shows its progress and can be cancelled on the way.
  const maxWhole = Math.min(MAX_EAGER_SIZE, connection.limitRate?.bytesPerSecond ?? MAX_EAGER_SIZE)
  if (typeof source === 'string') {
    checkLocalPath(source)
    const stream = readableAt(source)
    return stream === undefined
      ? new FileUpload(source, connection.resources.thread, maxWhole, kind)
      : new StreamUpload(stream, undefined)
  }
  if (source instanceof Uint8Array) return new BytesUpload(source, maxWhole)
  if (source instanceof Blob) return new StreamUpload(source.stream(), source.size)
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) {
    return new StreamUpload(source, undefined)
  }
  const expected = 'a path, a Uint8Array, a Blob, a stream or an async iterable'
  throw new FtpError('usage', `what is put is ${expected}, not ${show(source)}`)
}

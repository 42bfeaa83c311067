import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import type { FileStart } from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import type { StreamedBody } from './upload-source.js'

/** Milliseconds after which the server gets a sign of life while the beginning of a file is compared. */
const PULSE = 10_000

/** What the server has kept is not how the source begins. The upload has to begin anew. */
export class StartDiffers extends FtpError {
  constructor(path: string) {
    super('changed', `${path}: the server has kept the beginning of another version; put it again`, { path })
  }
}

/** The beginning of an upload that the server has kept. */
export interface KeptStart {
  /** The remote path of the upload. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly digest: Digest | undefined
}

/**
 * Reads as much of the source as the server has kept. Throws StartDiffers if the server has kept other bytes than those
 * with which the source begins.
 */
export async function compareStart(
  body: StreamedBody,
  { path, size, digest }: KeptStart,
  alg: DigestAlgorithm,
  sendPing: () => void,
): Promise<FileStart> {
  // The server waits for bytes, and for a large file this may take longer than it waits.
  const pulse = setInterval(sendPing, PULSE)
  try {
    const start = await body.readStart?.(size, alg)
    if (start?.size === size && start.digest.alg === digest?.alg && start.digest.hex === digest.hex)
      return start
    throw new StartDiffers(path)
  } finally {
    clearInterval(pulse)
  }
}

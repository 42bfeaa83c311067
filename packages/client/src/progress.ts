import { FtpError } from './errors/ftp-error.js'

/** How far a transfer is. */
export interface Progress {
  /** Bytes so far. */
  readonly bytes: number
  /** Bytes in all; undefined if the source does not know. */
  readonly total: number | undefined
  /** Those of `bytes` that an earlier transfer had moved, which this one goes on with; left out if there are none. */
  readonly resumedFrom?: number
}

/** Calls a caller's `onProgress`. What that throws becomes an FtpError of its own: no disk and no peer is to blame. */
export function reportProgress(
  onProgress: ((progress: Progress) => void) | undefined,
  progress: Progress,
): void {
  try {
    onProgress?.(progress)
  } catch (error) {
    throw new FtpError('local-io', `onProgress threw: ${String(error)}`, { cause: error })
  }
}

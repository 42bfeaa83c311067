import { FtpError } from './errors/ftp-error.js'
import type { Progress } from './transfer-result.js'

/** Calls somebody's `onProgress`. What it throws becomes an FtpError: it is not the disk's fault, nor ours. */
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

import type { PutSource } from '../call-options.js'
import { isStreamPath } from '../descriptor-stream.js'

/** Whether a source gives the same bytes each time it is read. */
export function canBePutAgain(source: PutSource): boolean {
  if (typeof source === 'string') return !isStreamPath(source)
  return source instanceof Uint8Array || source instanceof Blob
}

import { type Entry, ProtocolError } from '@jftp/protocol'
import type { FileVersion } from './storage.js'

/** Throws `changed` unless `file` is this version of a file. It is not asked if there is nothing to compare. */
export function requireVersion(file: () => Entry, { size, mtime }: FileVersion, path: string): void {
  if (size === undefined && mtime === undefined) return
  const found = file()
  const isSame =
    found.type === 'file' && found.size === (size ?? found.size) && found.mtime === (mtime ?? found.mtime)
  if (!isSame)
    throw new ProtocolError('changed', 'it is another version now, so it was not removed', { path })
}

import { fstatSync, readFileSync } from 'node:fs'
import type { UnixAddress } from '../address.js'

/** Where a Unix socket is bound that came as a descriptor, and whether it is one for datagrams. */
export interface UnixPath {
  /** `''` if the socket is not bound. */
  readonly path: UnixAddress
  readonly isDatagram: boolean
}

/** `undefined` if the descriptor is not a Unix socket, or if this is not Linux. */
export function unixPathOf(descriptor: number): UnixPath | undefined {
  try {
    const { ino } = fstatSync(descriptor)
    // The fields of a line are: Num RefCount Protocol Flags Type St Inode Path.
    for (const line of readFileSync('/proc/net/unix', 'utf8').split('\n')) {
      const [, type, inode, path = ''] = /^\S+ \S+ \S+ \S+ (\S+) \S+ +(\d+)(?: (.+))?$/.exec(line) ?? []
      // 2 is SOCK_DGRAM.
      if (Number(inode) === ino) return { path, isDatagram: Number(type) === 2 }
    }
  } catch {
    // The system has no /proc, or the descriptor is not open.
  }
  return undefined
}

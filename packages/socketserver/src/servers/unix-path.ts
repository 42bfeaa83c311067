import { fstatSync, readFileSync } from 'node:fs'
import type { UnixAddress } from '../address.js'

/** The path to which a Unix socket is bound that came as a descriptor: only Linux tells. Otherwise ''. */
export function unixPathOf(descriptor: number): UnixAddress {
  try {
    const { ino } = fstatSync(descriptor)
    // Num RefCount Protocol Flags Type St Inode Path
    for (const line of readFileSync('/proc/net/unix', 'utf8').split('\n')) {
      const [, inode, path] = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (.+)$/.exec(line) ?? []
      if (Number(inode) === ino && path !== undefined) return path
    }
  } catch {
    // There is no /proc.
  }
  return ''
}

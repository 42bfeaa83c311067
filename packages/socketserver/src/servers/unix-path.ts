import { fstatSync, readFileSync } from 'node:fs'
import type { UnixAddress } from '../address.js'

/** The path of a Unix socket that came as a descriptor. It is known only on Linux; elsewhere this returns ''. */
export function unixPathOf(descriptor: number): UnixAddress {
  try {
    const { ino } = fstatSync(descriptor)
    // The fields of a line are: Num RefCount Protocol Flags Type St Inode Path.
    for (const line of readFileSync('/proc/net/unix', 'utf8').split('\n')) {
      const [, inode, path] = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (.+)$/.exec(line) ?? []
      if (Number(inode) === ino && path !== undefined) return path
    }
  } catch {
    // The system has no /proc.
  }
  return ''
}

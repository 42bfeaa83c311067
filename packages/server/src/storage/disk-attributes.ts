import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  type Stats,
  utimesSync,
} from 'node:fs'
import { ProtocolError } from '@jftp/protocol'
import { setFileTime, toSystemTime } from '@jftp/transfer'
import { special } from './disk-error.js'
import { hasProcFs, O_PATH } from './folder.js'
import type { Place } from './path-walk.js'

/** Bits that let a program run as its owner or its group, and the one that guards the names in a folder. */
const SPECIAL_BITS = 0o7000

/**
 * Sets the permission bits of what is at `place`, which is no link. Bits above 0o777 can be kept and removed and not
 * set, because a program that somebody uploaded must not run with the rights of the server's user.
 */
export function changeModeOnDisk(place: Place, path: string, mode: number): void {
  withNode(place, path, ({ fd, self }, stat) => {
    if (mode & SPECIAL_BITS & ~stat.mode) {
      const message = 'this server sets no setuid, setgid or sticky bit; use a mode up to 0777'
      throw new ProtocolError('unsupported', message, { path })
    }
    if (self === undefined) fchmodSync(fd, mode)
    else chmodSync(self, mode)
  })
}

/** Sets the time of the last change of what is at `place`, which is no link. */
export function setTimeOnDisk(place: Place, path: string, mtime: number): void {
  withNode(place, path, ({ fd, self }) => {
    const time = toSystemTime(mtime)
    if (self === undefined) setFileTime(fd, mtime)
    else utimesSync(self, time, time)
  })
}

/** A file or a folder held open. `self` is a path that leads to it whatever its name leads to now. */
interface Node {
  readonly fd: number
  readonly self: string | undefined
}

/**
 * A name might be swapped for a link that leads out of the root, and `chmod` and `utimes` by name would follow it. So
 * what the name leads to is opened first. With O_PATH that needs no permission to read it.
 */
function withNode(place: Place, path: string, change: (node: Node, stat: Stats) => void): void {
  const flags = hasProcFs ? O_PATH : constants.O_RDONLY | constants.O_NONBLOCK
  const fd = openSync(place.folder.child(place.name), flags | (constants.O_NOFOLLOW ?? 0))
  try {
    const stat = fstatSync(fd)
    if (stat.isSymbolicLink())
      throw new ProtocolError('changed', 'it was replaced just now; try again', { path })
    if (!stat.isFile() && !stat.isDirectory()) throw special(path)
    change({ fd, self: hasProcFs ? `/proc/self/fd/${fd}` : undefined }, stat)
  } finally {
    closeSync(fd)
  }
}

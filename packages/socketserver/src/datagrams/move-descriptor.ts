import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'
import { SocketServerError } from '../socket-server-error.js'

/** The part of `koffi` that is used here: it calls functions of the C library. */
interface Koffi {
  load(library: null): { func(prototype: string): (...args: unknown[]) => number }
  errno(): number
}

const EPOLL_CTL_DEL = 2
const F_GETFL = 3
const F_SETFL = 4
const O_NONBLOCK = 0o4000
const O_CLOEXEC = 0o2000000

/**
 * Linux: gives the socket behind `from` the number `to` as well, makes it non-blocking, and closes `from`. The socket
 * that had the number `to` is closed. Node has no call for that.
 */
export function moveDescriptor(from: number, to: number): void {
  const koffi = loadPackage()
  const library = koffi.load(null)
  const dup3 = library.func('int dup3(int, int, int)')
  const fcntl = library.func('int fcntl(int, int, ...)')
  const check = (result: number, syscall: string): number => {
    if (result >= 0) return result
    const code = getSystemErrorName(-koffi.errno())
    throw Object.assign(new Error(`${syscall} ${code}: descriptor ${from}`), { code, syscall })
  }
  check(fcntl(from, F_SETFL, 'int', check(fcntl(from, F_GETFL), 'fcntl') | O_NONBLOCK), 'fcntl')
  check(dup3(from, to, O_CLOEXEC), 'dup3')
  closeSync(from)
}

/**
 * Linux: must be called before `descriptor` is closed, if another process has the same socket. `unix-dgram` first
 * closes a descriptor and then stops watching it. With such a socket that is too late: the kernel would go on to report
 * its datagrams, as if they came from whatever has that number next.
 */
export function stopWatching(descriptor: number): void {
  const epollCtl = loadPackage().load(null).func('int epoll_ctl(int, int, int, void *)')
  for (const name of readdirSync('/proc/self/fd')) {
    // In an event loop that does not watch the descriptor the call fails and changes nothing.
    if (targetOf(name) === 'anon_inode:[eventpoll]') epollCtl(Number(name), EPOLL_CTL_DEL, descriptor, null)
  }
}

function targetOf(name: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${name}`)
  } catch {
    // It was the descriptor that read the folder.
    return undefined
  }
}

function loadPackage(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi')
  } catch (cause) {
    throw new SocketServerError(
      'NO_UNIX_DATAGRAMS',
      'the optional package koffi can not be loaded, and without it a Unix datagram server can only open its socket ' +
        'itself: run `npm install koffi@3.3.4`, or pass a path in place of { fd }',
      { cause },
    )
  }
}

import { createReadStream, createWriteStream, fstatSync, type Stats } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'

const SHAPE = /^\/dev\/(?:stdin|stdout|stderr|fd\/(\d{1,9}))$/

/**
 * The stream behind a path like `/dev/stdin` or `/dev/fd/63`, which a shell passes for `<(command)`. It is undefined
 * for other paths, and if such a path leads to a regular file, which is a file like any other.
 */
export function readableAt(path: string): Readable | undefined {
  const open = openStreamAt(path)
  if (open === undefined) return undefined
  const { fd, stat } = open
  if (fd === 0) return process.stdin
  // A file stream would read a pipe in a thread, which keeps the process alive until something comes.
  return isDevice(stat) ? createReadStream('', { fd, autoClose: false }) : new Socket({ fd, writable: false })
}

/** The stream behind a path like `/dev/stdout` or `/dev/fd/63`. It is undefined as for `readableAt`. */
export function writableAt(path: string): Writable | undefined {
  const open = openStreamAt(path)
  if (open === undefined) return undefined
  const { fd, stat } = open
  if (fd === 1) return process.stdout
  if (fd === 2) return process.stderr
  return isDevice(stat)
    ? createWriteStream('', { fd, autoClose: false })
    : new Socket({ fd, readable: false })
}

/** Whether a path leads to a stream: what was read from it, or written to it, is gone. */
export function isStreamPath(path: string): boolean {
  return openStreamAt(path) !== undefined
}

/** The descriptor that a path names, if it is open and a stream. */
function openStreamAt(path: string): { fd: number; stat: Stats } | undefined {
  const match = SHAPE.exec(path)
  if (match === null) return undefined
  const standard = ['/dev/stdin', '/dev/stdout', '/dev/stderr'].indexOf(path)
  const fd = match[1] === undefined ? standard : Number(match[1])
  try {
    const stat = fstatSync(fd)
    return stat.isFile() || stat.isDirectory() ? undefined : { fd, stat }
  } catch {
    // The descriptor is not open. Whoever opens the path will get an error that says so.
    return undefined
  }
}

function isDevice(stat: Stats): boolean {
  return stat.isCharacterDevice() || stat.isBlockDevice()
}

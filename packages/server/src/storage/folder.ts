import { closeSync, constants, existsSync, fsyncSync, lstatSync, openSync } from 'node:fs'

/**
 * A folder held open, so that what is done in it is done in *it*, whatever its path leads to by then.
 *
 * Node has no openat; on Linux `/proc/self/fd/N/name` does the same: the kernel goes straight to the open
 * folder and looks up one name in it. Elsewhere the folder is its path, checked on the way (see
 * path-walk.ts), which leaves a moment between check and use to whoever can write in the root locally.
 */
export interface Folder {
  /** A path that leads to `name` in this folder. */
  child(name: string): string
  child(name: Buffer): Buffer
  /** A path that leads to the folder itself. */
  readonly self: string
  /** The same folder once more, to be closed once more. */
  share(): Folder
  close(): void
}

// Linux's O_PATH: a handle for walking, which needs no permission to read. Not among node:fs's constants.
const O_PATH = 0o10000000

const HOLD = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

export const hasProcFs = process.platform === 'linux' && existsSync('/proc/self/fd')

/** Throws ENOTDIR for a link as for anything else that is no folder. */
export function openFolder(path: string): Folder {
  return hasProcFs ? new HeldFolder(openSync(path, HOLD)) : new NamedFolder(path)
}

class HeldFolder implements Folder {
  readonly self: string
  readonly #fd: number
  #holders = 1

  constructor(fd: number) {
    this.#fd = fd
    this.self = `/proc/self/fd/${fd}`
  }

  child(name: string): string
  child(name: Buffer): Buffer
  child(name: string | Buffer): string | Buffer {
    return childPath(this.self, name)
  }

  share(): this {
    this.#holders++
    return this
  }

  close(): void {
    if (--this.#holders === 0) closeSync(this.#fd)
  }
}

class NamedFolder implements Folder {
  readonly self: string

  constructor(path: string) {
    this.self = path
    if (lstatSync(path).isDirectory()) return
    throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), {
      code: 'ENOTDIR',
      syscall: 'open',
    })
  }

  child(name: string): string
  child(name: Buffer): Buffer
  child(name: string | Buffer): string | Buffer {
    return childPath(this.self, name)
  }

  share(): this {
    return this
  }

  close(): void {}
}

/** Makes the names in a folder durable, as far as the system lets a folder be opened and synced. */
export function syncFolder(folder: Folder): void {
  let fd: number
  try {
    fd = openSync(folder.self, constants.O_RDONLY)
  } catch {
    return
  }
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function childPath(folder: string, name: string | Buffer): string | Buffer {
  return typeof name === 'string' ? `${folder}/${name}` : Buffer.concat([Buffer.from(`${folder}/`), name])
}

import {
  close,
  closeSync,
  constants,
  existsSync,
  fsync,
  lstatSync,
  openSync,
  readlinkSync,
  statSync,
} from 'node:fs'
import { ProtocolError } from '@jftp/protocol'

/**
 * A folder held open: whatever its path leads to later, names are looked up in this very folder.
 *
 * Node has no openat. On Linux `/proc/self/fd/N/name` does the same: the kernel goes straight to the open
 * folder and looks up one name in it. Elsewhere the folder is its path, which is checked on the way (see
 * path-walk.ts). Then somebody who can write in the root locally may swap it between check and use.
 */
export interface Folder {
  /** A path that leads to `name` in this folder. */
  child(name: string): string
  child(name: Buffer): Buffer
  /** A path that leads to the folder itself. */
  readonly self: string
  /** Equal for two folders only if they are the same folder on the disk, whatever path led there. */
  readonly key: string
  /** The path where the folder is now, each byte a character (latin1), because a name need not be UTF-8. */
  location(): string
  /** The same folder for a second owner. Each owner closes it. */
  share(): Folder
  close(): void
}

// O_PATH of Linux, which node:fs does not name: a descriptor for walking, for which no permission to read is needed.
export const O_PATH = 0o10000000

const HOLD = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * Where the kernel shows what this process has open. Its number saves the kernel to follow the link `self`, which is a
 * tenth of each look-up.
 */
const DESCRIPTORS = `/proc/${ownNumber()}/fd`

export const hasProcFs = process.platform === 'linux' && existsSync(DESCRIPTORS)

/** `process.pid` is another number if `/proc` belongs to another namespace. */
function ownNumber(): string {
  try {
    return readlinkSync('/proc/self')
  } catch {
    return 'self'
  }
}

/** What `location` returns for a folder that is at `path`. */
export function toLocation(path: string): string {
  return Buffer.from(path).toString('latin1')
}

/** Throws ENOTDIR if there is a link or anything else than a folder. */
export function openFolder(path: string | Buffer): Folder {
  return hasProcFs ? new HeldFolder(openSync(path, HOLD)) : new NamedFolder(path.toString())
}

class HeldFolder implements Folder {
  readonly self: string
  readonly #fd: number
  #holders = 1
  #key: string | undefined

  constructor(fd: number) {
    this.#fd = fd
    this.self = `${DESCRIPTORS}/${fd}`
  }

  child(name: string): string
  child(name: Buffer): Buffer
  child(name: string | Buffer): string | Buffer {
    return childPath(this.self, name)
  }

  get key(): string {
    this.#key ??= keyOf(this.self)
    return this.#key
  }

  location(): string {
    return readlinkSync(this.self, 'latin1')
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

  get key(): string {
    return keyOf(this.self)
  }

  location(): string {
    return toLocation(this.self)
  }

  share(): this {
    return this
  }

  close(): void {}
}

/**
 * Makes changes of names in a folder durable. If the system does not let a folder be opened and synced, its names
 * are as durable as the file system makes them.
 */
export async function syncFolder(folder: Folder): Promise<void> {
  let fd: number
  try {
    fd = openSync(folder.self, constants.O_RDONLY)
  } catch {
    return
  }
  const error = await new Promise((resolve) => {
    fsync(fd, (failure) => close(fd, () => resolve(failure)))
  })
  if (error !== null) throw notDurable(error)
}

/** What was asked for has been done and can be seen, so the message must not say that nothing changed. */
export function notDurable(cause: unknown, path?: string): ProtocolError {
  const message =
    "it was done and can be seen, but the server's disk could not sync the folder: a loss of power may undo it"
  return new ProtocolError('io-error', message, path === undefined ? { cause } : { cause, path })
}

function keyOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true })
  return `${dev}:${ino}`
}

function childPath(folder: string, name: string | Buffer): string | Buffer {
  return typeof name === 'string' ? `${folder}/${name}` : Buffer.concat([Buffer.from(`${folder}/`), name])
}

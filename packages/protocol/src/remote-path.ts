import { Buffer } from 'node:buffer'
import { ProtocolError } from './protocol-error.js'

/** The longest name, in bytes of UTF-8. The file systems of Linux, macOS and Windows allow this many. */
export const MAX_NAME_SIZE = 255

/** The longest path, in bytes of UTF-8. */
export const MAX_PATH_SIZE = 4096

/** The most names in a path. A server holds each folder on the way open while it walks. */
export const MAX_PATH_DEPTH = 128

/** Most paths, which have their normal spelling already: ASCII names, none of which begins with a dot. */
const PLAIN = /^(?:\/[\w-][\w .,+=@-]*)+$/

/**
 * Turns a path that a peer or a person wrote into the one spelling that is used everywhere else: absolute, with `/`
 * between the names, without `.`, `..` and empty names, and without a slash at the end except for `/` itself.
 *
 * `cwd` must have that spelling already. Throws `bad-request` for an empty path, a NUL character, text that is not
 * valid Unicode, `..` above the root, `..` between backslashes, and names or paths over the limits.
 */
export function normalizeRemotePath(path: string, cwd = '/'): string {
  if (path.length <= MAX_NAME_SIZE && PLAIN.test(path)) return path
  if (path === '') throw badPath(path, 'a path is empty')
  if (path.includes('\0')) throw badPath(path, 'a path contains a NUL character')
  if (!path.isWellFormed()) throw badPath(path, 'a path is not valid Unicode')
  const names = path.startsWith('/') ? [] : splitRemotePath(cwd)
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (names.pop() === undefined) throw badPath(path, "'..' leads above the root")
      continue
    }
    checkName(name, path)
    names.push(name)
  }
  if (names.length > MAX_PATH_DEPTH) throw badPath(path, `a path has more than ${MAX_PATH_DEPTH} names`)
  const normal = `/${names.join('/')}`
  if (Buffer.byteLength(normal) > MAX_PATH_SIZE)
    throw badPath(path, `a path has more than ${MAX_PATH_SIZE} bytes`)
  return normal
}

/** Whether a path is spelt as `normalizeRemotePath` would spell it. */
export function isNormalRemotePath(path: string): boolean {
  try {
    return normalizeRemotePath(path) === path
  } catch {
    return false
  }
}

/** The names in a normal path; none for `/`. */
export function splitRemotePath(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/')
}

/** A normal path with one more name. */
export function joinRemotePath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}

/** The last name of a normal path; empty for `/`. */
export function remoteBasename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The folder that holds a normal path; `/` for `/`. */
export function remoteDirname(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

function checkName(name: string, path: string): void {
  // A backslash is an ordinary character in a POSIX name, but nobody means '..' between backslashes as a name.
  if (name.includes('\\') && name.split('\\').includes('..')) {
    throw badPath(path, "a name has '..' between backslashes")
  }
  if (name.length * 3 > MAX_NAME_SIZE && Buffer.byteLength(name) > MAX_NAME_SIZE) {
    throw badPath(path, `a name has more than ${MAX_NAME_SIZE} bytes`)
  }
}

function badPath(path: string, what: string): ProtocolError {
  return new ProtocolError('bad-request', `${what}: ${JSON.stringify(path.slice(0, 200))}`, {
    path: path.slice(0, 200).toWellFormed(),
  })
}

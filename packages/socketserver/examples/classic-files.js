import { createHash } from 'node:crypto'
import { open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** The folder of the classic file server is the one it was started in. */
export const root = await realpath('.')

/** The real path of what a client calls `path`, if it is there, of that kind and in the server's folder. */
export async function inside(path, isKind) {
  try {
    const real = await realpath(join(root, path))
    const isInside = `${real}${sep}`.startsWith(root === sep ? root : `${root}${sep}`)
    return isInside && (await stat(real))[isKind]() ? real : undefined
  } catch {} // It is not there.
}

/** Creates `name`, or `name.new`, `name.new.2`, …: whichever nobody has. Resolves with the file and its path. */
export async function create(name) {
  for (let count = 0; ; count += 1) {
    const path = [name, `${name}.new`][count] ?? `${name}.new.${count}`
    try {
      return [await open(path, 'wx'), path]
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
  }
}

/** The objects that a client sends. Where one ends only its braces say, and what follows it stays in `rfile`. */
export async function* commands(rfile) {
  for (let text = ''; text.length < 1024; ) {
    const part = await rfile.readUntil('}', 1024)
    if (part.byteLength === 0) return
    text += part
    try {
      yield JSON.parse(text)
      text = ''
    } catch {} // An inner brace: read on.
  }
}

/** Exactly so many bytes of what a client sends. */
export async function* take(rfile, size) {
  for (let left = size; left > 0; ) {
    const data = await rfile.read(left)
    if (data.byteLength === 0) throw new Error(`the client left ${left} bytes early`)
    left -= data.byteLength
    yield data
  }
}

/** Writes what `source` yields; resolves with its md5. */
export async function copy(source, write) {
  const md5 = createHash('md5')
  for await (const data of source) {
    md5.update(data)
    await write(data)
  }
  return md5.digest('hex')
}

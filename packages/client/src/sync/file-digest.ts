import { closeSync, constants, fstatSync, openSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { createDigester, type Digest, type DigestAlgorithm, prepareDigest } from '@jftp/protocol'
import { notAFile } from '../errors/local-error.js'

const BLOCK_SIZE = 1024 * 1024

const readAsync = promisify(read)

/** The digest of a local file. Throws the file system's errors. */
export async function digestOfFile(path: string, alg: Exclude<DigestAlgorithm, 'none'>): Promise<Digest> {
  await prepareDigest(alg)
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw notAFile(stat, path, 'only files are compared')
    const digester = createDigester(alg)
    const block = new Uint8Array(Math.min(BLOCK_SIZE, stat.size + 1))
    for (;;) {
      const { bytesRead } = await readAsync(fd, block, 0, block.length, null)
      if (bytesRead === 0) return digester.digest() as Digest
      digester.update(block.subarray(0, bytesRead))
    }
  } finally {
    closeSync(fd)
  }
}

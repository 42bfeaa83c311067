import { readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import {
  createDigester,
  type Digest,
  type DigestAlgorithm,
  type Digester,
  prepareDigest,
} from '@jftp/protocol'
import { PIECE_SIZE } from './byte-source.js'

/** The first bytes of a file that is there already. Behind them a transfer that was cut goes on. */
export interface FileStart {
  /** Bytes. */
  readonly size: number
  /** Of these bytes, to be compared with what the other end has. It is their md5 if the transfer has no digest. */
  readonly digest: Digest
  /** Has digested these bytes, and goes on with those that follow. */
  readonly digester: Digester
}

/**
 * Digests the first `size` bytes of a file that is open for reading; fewer if it is shorter. Others may work while
 * it reads.
 */
export async function readStart(fd: number, size: number, alg: DigestAlgorithm): Promise<FileStart> {
  await prepareDigest(alg)
  const digester = createDigester(alg === 'none' ? 'md5' : alg)
  const memory = new Uint8Array(Math.max(1, Math.min(PIECE_SIZE, size)))
  let position = 0
  while (position < size) {
    const count = readSync(fd, memory, 0, Math.min(memory.length, size - position), position)
    if (count === 0) break
    digester.update(memory.subarray(0, count))
    position += count
    await setImmediate()
  }
  const digest = digester.soFar() as Digest
  return { size: position, digest, digester: alg === 'none' ? createDigester('none') : digester }
}

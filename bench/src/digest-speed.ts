import { createHash } from 'node:crypto'

const PIECE = 512 * 1024
const PIECES = 512

/** Bytes one core digests in a second of its own time, whatever else the machine does. */
export function digestSpeed(alg: 'md5' | 'sha256'): number {
  const piece = new Uint8Array(PIECE)
  const hash = createHash(alg)
  const before = process.cpuUsage()
  for (let count = 0; count < PIECES; count++) hash.update(piece)
  hash.digest()
  const { user, system } = process.cpuUsage(before)
  return (PIECE * PIECES * 1e6) / (user + system)
}

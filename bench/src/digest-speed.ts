import { createDigester, DIGEST_ALGORITHMS, type DigestAlgorithm, prepareDigest } from '@jftp/protocol'

const PIECE = 512 * 1024
const PIECES = 512

/** Bytes one core digests in a second of its own time, whatever else the machine does; by the names of digests. */
export async function digestSpeeds(): Promise<Record<string, number>> {
  const speeds: Record<string, number> = {}
  for (const alg of DIGEST_ALGORITHMS.filter((name) => name !== 'none')) {
    await prepareDigest(alg)
    speeds[alg] = digestSpeed(alg)
  }
  return speeds
}

function digestSpeed(alg: DigestAlgorithm): number {
  const piece = new Uint8Array(PIECE)
  const digester = createDigester(alg)
  const before = process.cpuUsage()
  for (let count = 0; count < PIECES; count++) digester.update(piece)
  digester.digest()
  const { user, system } = process.cpuUsage(before)
  return (PIECE * PIECES * 1e6) / (user + system)
}

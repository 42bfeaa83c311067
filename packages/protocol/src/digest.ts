import { createHash } from 'node:crypto'
import { ProtocolError } from './protocol-error.js'

/** The digests that this package can compute, by their names on the wire. With `none` a transfer is unverified. */
export const DIGEST_ALGORITHMS = ['md5', 'sha256', 'none'] as const

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number]

/** What `md5sum` or `sha256sum` prints for the same bytes: lower-case hex. */
export interface Digest {
  readonly alg: Exclude<DigestAlgorithm, 'none'>
  readonly hex: string
}

/** Computes the digest of bytes while they pass. */
export interface Digester {
  update(bytes: Uint8Array): void
  /** The digest of all bytes; undefined for `none`. Call it once. */
  digest(): Digest | undefined
}

export function createDigester(alg: DigestAlgorithm): Digester {
  if (alg === 'none') return { update() {}, digest: () => undefined }
  const hash = createHash(alg)
  return {
    update(bytes) {
      hash.update(bytes)
    },
    digest: () => ({ alg, hex: hash.digest('hex') }),
  }
}

/**
 * Compares what the sender announced with what the receiver got. Throws `size-mismatch` or
 * `digest-mismatch`, also if only one of them has a digest, or if the two digests are of different kinds.
 */
export function checkDelivery(
  announced: { size: number; digest?: Digest | undefined },
  received: { size: number; digest?: Digest | undefined },
): void {
  if (announced.size !== received.size) {
    throw new ProtocolError(
      'size-mismatch',
      `${announced.size} bytes were announced and ${received.size} arrived; send it again`,
    )
  }
  const [sent, computed] = [announced.digest, received.digest]
  if (sent?.alg !== computed?.alg) {
    throw new ProtocolError(
      'digest-mismatch',
      `the sender gives ${kindOf(sent)} and the receiver ${kindOf(computed)}; both must be what the request names`,
    )
  }
  if (sent?.hex !== computed?.hex) {
    throw new ProtocolError(
      'digest-mismatch',
      `the bytes changed on the way: the sender's ${kindOf(sent)} is ${sent?.hex}, the receiver's ${computed?.hex}; send it again`,
    )
  }
}

function kindOf(digest: Digest | undefined): string {
  return digest?.alg ?? 'no digest'
}

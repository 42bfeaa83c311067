import { createHash, hash as hashOnce } from 'node:crypto'
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

/**
 * `size`: how many bytes will come, if that is known. A file that comes in one piece is then digested in one step,
 * which costs half as much for a small one. The digest is of no use if other than so many bytes come.
 */
export function createDigester(alg: DigestAlgorithm, size?: number): Digester {
  if (alg === 'none') return { update() {}, digest: () => undefined }
  let hash: ReturnType<typeof createHash> | undefined
  let whole: string | undefined
  return {
    update(bytes) {
      if (bytes.length === 0) return
      if (bytes.length === size && hash === undefined && whole === undefined) whole = hashOnce(alg, bytes)
      else {
        hash ??= createHash(alg)
        hash.update(bytes)
      }
    },
    digest: () => ({ alg, hex: (hash === undefined ? whole : hash.digest('hex')) ?? hashOnce(alg, '') }),
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
      `the sender gives ${kindOf(sent)} and the receiver ${kindOf(computed)}; both must use the digest that the request names`,
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

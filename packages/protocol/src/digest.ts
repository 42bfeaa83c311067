import { createHash } from 'node:crypto'
import { ProtocolError } from './protocol-error.js'

/** Digests both ends can compute, by the name used on the wire; `none` leaves a transfer unverified. */
export const DIGEST_ALGORITHMS = ['md5', 'sha256', 'none'] as const

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number]

/** What `md5sum` or `sha256sum` prints for the same bytes: lower-case hex. */
export interface Digest {
  readonly alg: Exclude<DigestAlgorithm, 'none'>
  readonly hex: string
}

/** Digests a stream of bytes as it passes. */
export interface Digester {
  update(bytes: Uint8Array): void
  /** Ends the digest; undefined for `none`. Call once. */
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
 * Compares what was announced with what arrived. Throws `size-mismatch` or `digest-mismatch`, also
 * where one side has a digest and the other has none or another kind.
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
  if (announced.digest?.alg !== received.digest?.alg || announced.digest?.hex !== received.digest?.hex) {
    throw new ProtocolError(
      'digest-mismatch',
      `the sender's ${show(announced.digest)} is not the receiver's ${show(received.digest)}; send it again`,
    )
  }
}

function show(digest: Digest | undefined): string {
  return digest ? `${digest.alg} ${digest.hex}` : 'missing digest'
}

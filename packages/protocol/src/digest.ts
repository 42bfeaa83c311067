import { createHash, hash as hashOnce } from 'node:crypto'
import {
  HAS_LIBRARY_DIGESTS,
  type Hasher,
  type LibraryAlgorithm,
  libraryOf,
  loadLibrary,
} from './library-digest.js'
import { ProtocolError } from './protocol-error.js'

/** The digests of this protocol, by their names on the wire. With `none` a transfer is unverified. */
export const DIGEST_ALGORITHMS = ['md5', 'sha256', 'blake3', 'xxh128', 'none'] as const

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number]

/** Those that can be computed here, as HELLO offers them. */
export const OFFERED_DIGESTS: readonly DigestAlgorithm[] = DIGEST_ALGORITHMS.filter(
  (alg) => HAS_LIBRARY_DIGESTS || !isInLibrary(alg),
)

/** What `md5sum`, `sha256sum`, `b3sum` or `xxhsum -H2` prints for the same bytes: lower-case hex. */
export interface Digest {
  readonly alg: Exclude<DigestAlgorithm, 'none'>
  readonly hex: string
}

/** Computes the digest of bytes while they pass. */
export interface Digester {
  update(bytes: Uint8Array): void
  /** The digest of the bytes so far, of which more may follow; undefined for `none`. */
  soFar(): Digest | undefined
  /** The digest of all bytes; undefined for `none`. Call it once. */
  digest(): Digest | undefined
}

/**
 * Has to be waited for in each thread before it computes digests of this kind; undefined if there is nothing to wait
 * for. blake3 and xxh128 are in libraries, which take about 10 ms to load, so nobody loads them who does not use
 * them. Rejects with `unsupported` if the library can't be loaded.
 */
export function prepareDigest(alg: DigestAlgorithm): Promise<void> | undefined {
  return isInLibrary(alg) ? loadLibrary(alg) : undefined
}

/**
 * `size`: how many bytes will come, if that is known. A file that comes in one piece is then digested in one step,
 * which costs half as much for a small one. The digest is of no use if other than so many bytes come.
 */
export function createDigester(alg: DigestAlgorithm, size?: number): Digester {
  if (alg === 'none') return { update() {}, soFar: () => undefined, digest: () => undefined }
  let hasher: Hasher | undefined
  let whole: Digest | undefined
  return {
    update(bytes) {
      if (bytes.length === 0) return
      if (bytes.length === size && hasher === undefined && whole === undefined) whole = digestOf(alg, bytes)
      else {
        hasher ??= isInLibrary(alg) ? libraryOf(alg).begin() : nodeHasher(alg)
        hasher.update(bytes)
      }
    },
    soFar: () => (hasher === undefined ? whole : { alg, hex: hasher.soFar() }) ?? digestOf(alg, EMPTY),
    digest: () => (hasher === undefined ? whole : { alg, hex: hasher.digest('hex') }) ?? digestOf(alg, EMPTY),
  }
}

/** The digest of bytes that are there at once. */
export function digestOf(alg: DigestAlgorithm, bytes: Uint8Array): Digest | undefined {
  if (alg === 'none') return undefined
  return { alg, hex: isInLibrary(alg) ? libraryOf(alg).digest(bytes) : hashOnce(alg, bytes) }
}

const EMPTY = new Uint8Array(0)

function isInLibrary(alg: DigestAlgorithm): alg is LibraryAlgorithm {
  return alg === 'blake3' || alg === 'xxh128'
}

function nodeHasher(alg: 'md5' | 'sha256'): Hasher {
  const hash = createHash(alg)
  return {
    update: (bytes) => hash.update(bytes),
    soFar: () => hash.copy().digest('hex'),
    digest: () => hash.digest('hex'),
  }
}

/**
 * Compares what the sender announced with what the receiver got. Throws `size-mismatch` or
 * `digest-mismatch`, also if only one of them has a digest, or if the two digests are of different kinds. `advice`: what
 * to do if the bytes are not the same.
 */
export function checkDelivery(
  announced: { size: number; digest?: Digest | undefined },
  received: { size: number; digest?: Digest | undefined },
  advice = 'send it again',
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
      `the bytes changed on the way: the sender's ${kindOf(sent)} is ${sent?.hex}, the receiver's ${computed?.hex}; ${advice}`,
    )
  }
}

function kindOf(digest: Digest | undefined): string {
  return digest?.alg ?? 'no digest'
}

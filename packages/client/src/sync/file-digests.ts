import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { SyncSide } from './sync-side.js'

/** Files whose digests are asked for together. */
export const DIGEST_BATCH = 256

/** Both sides of a comparison by content. */
export class FileDigests {
  readonly #source: SyncSide
  readonly #target: SyncSide
  readonly #alg: Exclude<DigestAlgorithm, 'none'>

  constructor(source: SyncSide, target: SyncSide, alg: Exclude<DigestAlgorithm, 'none'>) {
    this.#source = source
    this.#target = target
    this.#alg = alg
  }

  /** Whether each file is the same on both sides, or why that is not known. */
  async compare(paths: readonly string[]): Promise<('same' | 'different' | FtpError)[]> {
    // Both sides read their files at the same time.
    const [ours, theirs] = await Promise.all([
      this.#source.digests(paths, this.#alg),
      this.#target.digests(paths, this.#alg),
    ])
    return paths.map((_, index) => compareDigests(ours[index], theirs[index]))
  }
}

/** A comparison needs a digest, also if transfers are not verified. */
export function comparisonDigest(wanted: DigestAlgorithm | undefined): Digest['alg'] {
  return wanted === undefined || wanted === 'none' ? 'md5' : wanted
}

function compareDigests(
  one: Digest | FtpError | undefined,
  other: Digest | FtpError | undefined,
): 'same' | 'different' | FtpError {
  if (one === undefined || other === undefined) {
    return new FtpError('protocol-error', 'the server left out the digest of a file')
  }
  if (one instanceof FtpError) return one
  if (other instanceof FtpError) return other
  return one.alg === other.alg && one.hex === other.hex ? 'same' : 'different'
}

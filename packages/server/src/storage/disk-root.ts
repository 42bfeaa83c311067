import { DiskUploads } from './disk-uploads.js'
import type { KeptDigests } from './kept-digests.js'
import { Partials } from './partials.js'
import { PathWalk } from './path-walk.js'
import { Staging } from './staging.js'
import { UploadClaims } from './upload-claims.js'

/** To send fewer bytes again costs less than to keep and compare them: 1 MiB. */
const MIN_PARTIAL_SIZE = 1024 * 1024

export interface DiskRootOptions {
  readonly digests?: KeptDigests | undefined
  /** How many bytes of an upload that was cut are worth keeping; Infinity keeps none. */
  readonly minPartialSize?: number | undefined
}

/** A folder of this machine that is served: what all storages over it in one thread share. */
export class DiskRoot {
  readonly walk: PathWalk
  readonly uploads: DiskUploads
  /** Undefined if none are to be kept. */
  readonly digests: KeptDigests | undefined
  readonly #staging: Staging
  readonly #claims: UploadClaims

  /** `path`: the real path (no links in it) of an existing folder. */
  constructor(path: string, { digests, minPartialSize = MIN_PARTIAL_SIZE }: DiskRootOptions = {}) {
    this.digests = digests
    this.walk = new PathWalk(path)
    this.#staging = new Staging(path)
    this.#claims = new UploadClaims(path)
    const claims = this.#claims
    const partials = new Partials(path, this.#staging, claims)
    this.uploads = new DiskUploads(this.walk, this.#staging, { partials, claims, minPartialSize, digests })
  }

  close(): void {
    this.walk.close()
    this.#staging.close()
    this.#claims.close()
    this.digests?.close()
  }
}

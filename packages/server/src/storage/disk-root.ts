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
  /** Its real path. */
  readonly path: string
  readonly walk: PathWalk
  readonly uploads: DiskUploads
  /** Undefined if none are to be kept. */
  readonly digests: KeptDigests | undefined
  readonly #staging: Staging
  readonly #claims: UploadClaims
  readonly #minPartialSize: number
  readonly #whole: DiskRoot | undefined

  /**
   * `path`: the real path (no links in it) of an existing folder. `whole`: the root that the folder is in, if it is
   * the home of one user. What ftpd keeps for itself is there, so no home has files that its user could not see.
   */
  constructor(
    path: string,
    { digests, minPartialSize = MIN_PARTIAL_SIZE }: DiskRootOptions = {},
    whole?: DiskRoot,
  ) {
    this.path = path
    this.#whole = whole
    this.#minPartialSize = minPartialSize
    this.digests = digests
    this.walk = new PathWalk(path, whole === undefined ? 'served' : 'home')
    this.#staging = whole === undefined ? new Staging(path) : whole.#staging
    this.#claims = whole === undefined ? new UploadClaims(path) : whole.#claims
    const claims = this.#claims
    const partials = new Partials(whole?.path ?? path, this.#staging, claims)
    this.uploads = new DiskUploads(this.walk, this.#staging, { partials, claims, minPartialSize, digests })
  }

  /** A folder in this one, as the root of a user who sees nothing outside it. */
  home(path: string): DiskRoot {
    return new DiskRoot(path, { digests: this.digests, minPartialSize: this.#minPartialSize }, this)
  }

  close(): void {
    this.walk.close()
    if (this.#whole !== undefined) return
    this.#staging.close()
    this.#claims.close()
    this.digests?.close()
  }
}

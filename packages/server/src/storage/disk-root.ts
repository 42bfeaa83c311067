import { DiskUploads } from './disk-uploads.js'
import type { KeptDigests } from './kept-digests.js'
import { Partials } from './partials.js'
import { PathWalk } from './path-walk.js'
import { Staging } from './staging.js'

/** A folder of this machine that is served: what all storages over it in one thread share. */
export class DiskRoot {
  readonly walk: PathWalk
  readonly uploads: DiskUploads
  readonly partials: Partials
  /** Undefined if none are to be kept. */
  readonly digests: KeptDigests | undefined
  readonly #staging: Staging

  /** `path`: the real path (no links in it) of an existing folder. */
  constructor(path: string, digests?: KeptDigests) {
    this.digests = digests
    this.walk = new PathWalk(path)
    this.#staging = new Staging(path)
    this.partials = new Partials(path, this.#staging)
    this.uploads = new DiskUploads(this.walk, this.#staging, this.partials, digests)
  }

  close(): void {
    this.walk.close()
    this.#staging.close()
    this.digests?.close()
  }
}

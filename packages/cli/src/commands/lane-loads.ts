interface Load {
  files: number
  bytes: number
}

/** A file that is under way. */
export interface LaneUse {
  /** Which connection it goes over, from 0 on. */
  readonly lane: number
  /** Call this when the file is done with. */
  end(): void
}

/** How much each of several connections has to do, so that no file waits behind a large one while another is idle. */
export class LaneLoads {
  readonly #loads: readonly Load[]

  /** `lanes`: how many connections there are, at least one. */
  constructor(lanes: number) {
    this.#loads = Array.from({ length: lanes }, () => ({ files: 0, bytes: 0 }))
  }

  /** Gives a file to the connection with the least to do. `bytes` is 0 if its size is not known. */
  begin(bytes: number): LaneUse {
    const load = this.#loads.reduce((best, each) => (isLess(each, best) ? each : best))
    load.files++
    load.bytes += bytes
    return {
      lane: this.#loads.indexOf(load),
      end: () => {
        load.files--
        load.bytes -= bytes
      },
    }
  }
}

function isLess(one: Load, other: Load): boolean {
  return one.bytes === other.bytes ? one.files < other.files : one.bytes < other.bytes
}

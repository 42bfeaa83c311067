/** Thrown if this machine lacks what a workload or a peer needs. The run is still a success without it. */
export class Skip extends Error {}

/** What did not take part in the run, and why. */
export interface Absence {
  readonly what: string
  readonly why: string
}

/** What failed, and whether that is a fault of jftp or the bench, or of a tool beside them. */
export interface Failure extends Absence {
  readonly maker: 'jftp' | 'other'
}

/** Runs the parts of a bench one by one. The absence of one part is noted, and does not stop the others. */
export class Attempts {
  /** What this machine lacks something for. */
  readonly skipped: Absence[] = []
  /** What should have run. */
  readonly failed: Failure[] = []

  /** Resolves to undefined if the part is absent. `maker`: whose fault it is if the part fails. */
  async attempt<T>(
    what: string,
    work: () => T | Promise<T>,
    maker: Failure['maker'] = 'jftp',
  ): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (error instanceof Skip) this.skipped.push({ what, why })
      else this.failed.push({ what, why, maker })
      return undefined
    }
  }
}

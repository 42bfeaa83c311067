/** Thrown if this machine lacks what a workload or a peer needs. The run is still a success without it. */
export class Skip extends Error {}

/** What did not take part in the run, and why. */
export interface Absence {
  readonly what: string
  readonly why: string
}

/** Runs the parts of a bench one by one. The absence of one part is noted, and does not stop the others. */
export class Attempts {
  /** What this machine lacks something for. */
  readonly skipped: Absence[] = []
  /** What should have run: a fault of jftp, of the bench, or of a tool beside it. */
  readonly failed: Absence[] = []

  /** Resolves to undefined if the part is absent. */
  async attempt<T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const list = error instanceof Skip ? this.skipped : this.failed
      list.push({ what, why })
      return undefined
    }
  }
}

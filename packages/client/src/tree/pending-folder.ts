/**
 * A folder of a tree, until everything in it is there. Whatever is stored in a folder changes its time, so what is to
 * be done with it comes last: after its own files, and after the folders in it.
 */
export class PendingFolder<Result> {
  readonly #parent: PendingFolder<Result> | undefined
  readonly #complete: (() => Result[]) | undefined
  /** The walk itself, and what goes into the folder and is not there yet. */
  #pending = 1

  /** `complete` is called when everything is there. */
  constructor(parent: PendingFolder<Result> | undefined, complete: (() => Result[]) | undefined) {
    this.#parent = parent
    this.#complete = complete
    parent?.begin()
  }

  /** Something goes into this folder. */
  begin(): void {
    this.#pending++
  }

  /** It is there, or has failed; or the walk has left the folder. Returns what came of folders that are complete now. */
  end(): Result[] {
    if (--this.#pending > 0) return []
    return [...(this.#complete?.() ?? []), ...(this.#parent?.end() ?? [])]
  }
}

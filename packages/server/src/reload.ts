/** Something that reads its settings anew while the daemon runs. */
export interface Reloadable {
  /**
   * Reads and checks everything, and changes nothing. Throws UsageError if something is wrong. Resolves to the function
   * that puts what was read into force.
   */
  prepareReload(): Promise<() => void>
}

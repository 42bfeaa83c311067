/** Something that can be given other settings while the daemon runs. */
export interface Reloadable<Settings = never> {
  /**
   * Reads and checks everything, and changes nothing. Throws UsageError if something is wrong. Resolves to the function
   * that puts what was read into force.
   */
  prepareReload(settings: Settings): Promise<() => void>
}

/** Names that stand for commands: those of the configuration file, and those that `alias` has added. */
export class Aliases {
  readonly #texts: Map<string, string>

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = new Map(texts)
  }

  get(name: string): string | undefined {
    return this.#texts.get(name)
  }

  set(name: string, text: string): void {
    this.#texts.set(name, text)
  }

  /** Returns whether there was one. */
  remove(name: string): boolean {
    return this.#texts.delete(name)
  }

  /** Sorted by name. */
  get all(): readonly (readonly [name: string, text: string])[] {
    return [...this.#texts].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  get names(): readonly string[] {
    return [...this.#texts.keys()]
  }

  /** Others that begin as these are now. */
  fork(): Aliases {
    return new Aliases(this.#texts)
  }
}

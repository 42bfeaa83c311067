/** A promise that somebody else settles. */
export class Deferred {
  readonly promise: Promise<void>
  resolve!: () => void
  reject!: (error: Error) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

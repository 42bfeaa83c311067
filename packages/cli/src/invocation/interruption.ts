import { Interrupted } from '../output/exit-code.js'

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** The first signal lets the command clean up and end. A second one ends the process at once. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController()
  readonly #listeners: readonly (readonly [NodeJS.Signals, () => void])[]
  #exitCode: number | undefined

  constructor() {
    this.#listeners = Object.entries(SIGNALS).map(([name, exitCode]) => {
      const onSignal = () => {
        if (this.#exitCode !== undefined) process.exit(exitCode)
        this.#exitCode = exitCode
        this.#controller.abort(new Interrupted(name as NodeJS.Signals, exitCode))
      }
      process.on(name, onSignal)
      return [name as NodeJS.Signals, onSignal]
    })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The exit code if a signal has come. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  [Symbol.dispose](): void {
    for (const [name, onSignal] of this.#listeners) process.off(name, onSignal)
  }
}

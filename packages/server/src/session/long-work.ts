/**
 * How long work that takes long goes on before others of its thread have a turn, in milliseconds. Every other
 * request of the thread waits for so long at most, in each turn of the event loop.
 */
const STEP_MS = 0.5

/**
 * Work that takes long: reading a whole file, walking a whole tree. It is done in short steps. All such work of a
 * thread shares one step for each turn of the event loop, so that ten digests slow others no more than one does.
 */
export class LongWork {
  #until = 0

  /** To be awaited between any two small pieces of the work. */
  async pause(): Promise<void> {
    if (performance.now() < this.#until) return
    await nextStep()
    this.#until = performance.now() + STEP_MS
  }
}

/** Whoever waits for a step, the first one first. */
const waiting: (() => void)[] = []

function nextStep(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(grantStep)
  })
}

function grantStep(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(grantStep)
}

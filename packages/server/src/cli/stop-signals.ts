import { constants } from 'node:os'

/**
 * Resolves to the first SIGINT or SIGTERM. A second one, while the server is finishing, ends the process
 * at once with the code shells give for it.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (isStopping) process.exit(128 + constants.signals[signal])
      isStopping = true
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

/** Calls `act` at each SIGHUP, one after the other, until the function that it returns is called. */
export function onHangUp(act: () => Promise<void>): () => void {
  let last = Promise.resolve()
  const onSignal = () => {
    last = last.then(act)
  }
  process.on('SIGHUP', onSignal)
  return () => {
    // From here on it is ignored: without a listener it would end the process.
    process.off('SIGHUP', onSignal).on('SIGHUP', () => {})
  }
}

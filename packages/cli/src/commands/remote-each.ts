import type { RemoteLocation } from '../locations/remote-session.js'
import { failuresOf, throwFailures } from '../output/exit-code.js'
import type { Context } from './context.js'
import { runPool } from './pool.js'

/** Requests that are sent without waiting for answers. A connection takes at most 256. */
const IN_FLIGHT = 64

/** Does one thing to many remote names. All are tried, and the failures are thrown together. */
export async function forEachRemote(
  { remote, signal }: Context,
  names: readonly string[],
  act: (location: RemoteLocation) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  await runPool(names, IN_FLIGHT, async (name) => {
    try {
      await act(await remote.resolve(name, signal))
    } catch (error) {
      failures.push(...failuresOf(error))
    }
  })
  throwFailures(failures)
}

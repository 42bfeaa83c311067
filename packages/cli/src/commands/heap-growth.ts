/**
 * Makes V8 collect garbage from now on when twice as much memory is in use as was in use after the last collection. By
 * default it waits until it is four times as much. For a tree of a million files that was measured to take 172 MB,
 * although only 15 MB of them are in use. Collecting more often costs about 5 % of the CPU time.
 */
export async function limitHeapGrowth(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--heap-growing-percent=100')
}

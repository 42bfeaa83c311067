/** How much more than usual the tests with chance in them do: 1 in the suite, more for a soak. */
export const ROUNDS = Number(process.env['JFTP_ROUNDS'] ?? 1)

/** Numbers from 0 to below 1, the same again for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Of the day, unless JFTP_SEED names one; tests print it, so that a failure can be had again. */
export const SEED = Number(process.env['JFTP_SEED'] ?? Date.now() % 1_000_000_007)

/** Bytes that any two calls with other arguments differ in everywhere, and the same arguments repeat. */
export function bytesOf(size: number, seed: number): Buffer {
  const random = randomFrom(seed)
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((random() * 2 ** 32) >>> 0, at)
  return bytes
}

/** An option can't be used. The message names the cause and the fix. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** An option can't be used. The message names the cause and the fix. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** The option, without dashes, if the message does not begin with it. */
  readonly option: string | undefined

  constructor(message: string, option?: string) {
    super(message)
    this.option = option
  }
}

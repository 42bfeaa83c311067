/** An error as the log shows it: its message and stack with those of its causes, and what the system adds to them. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { code, errno, syscall, path } = error as NodeJS.ErrnoException
  const errors = [...causesOf(error)]
  return {
    type: error.constructor.name,
    message: errors.map(({ message }) => message).join(': '),
    stack: errors.map(({ stack, message }) => stack ?? message).join('\ncaused by: '),
    ...{ code, errno, syscall, path },
  }
}

/** A cause may lead back to an error that was told already. */
function causesOf(error: Error): Set<Error> {
  const told = new Set<Error>()
  for (let each: unknown = error; each instanceof Error && !told.has(each); each = each.cause) told.add(each)
  return told
}

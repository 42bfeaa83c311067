import { openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'

export interface Terminal {
  readonly input: ReadStream
  readonly output: WriteStream
}

/** The terminal of this process, also if stdin and stdout are something else. Undefined if there is none. */
export function openTerminal(): Terminal | undefined {
  try {
    const fd = openSync('/dev/tty', 'r+')
    return { input: new ReadStream(fd), output: new WriteStream(fd) }
  } catch {
    return undefined
  }
}

import { inspect } from 'node:util'

/** The default output of `handleError` and `handleWorkerExit`: prints to stderr, with control characters escaped. */
export function reportError(what: string, error: unknown): void {
  const text = error instanceof Error ? inspect(error) : `the thrown value is not an Error: ${inspect(error)}`
  const line = '-'.repeat(40)
  process.stderr.write(`${line}\n${what}\n${visible(text)}\n${line}\n`)
}

/** Many messages contain text from a peer, and its control characters must not reach a terminal. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

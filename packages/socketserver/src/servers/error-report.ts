import { inspect } from 'node:util'

/** What `handleError` and its kin print by default: to stderr, with control characters made visible. */
export function reportError(what: string, error: unknown): void {
  const text = error instanceof Error ? inspect(error) : `thrown: ${inspect(error)}`
  const line = '-'.repeat(40)
  process.stderr.write(`${line}\n${what}\n${visible(text)}\n${line}\n`)
}

/** A peer chooses part of many messages; it must not reach the terminal of whoever reads the log. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

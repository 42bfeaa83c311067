import { hasMagic } from '../locations/magic.js'
import { isRemoteUrl } from '../locations/server-address.js'

/** A word of a command line. */
export interface Word {
  readonly text: string
  /** The word as a pattern, if it has an unquoted `*`, `?` or `[`. A backslash makes the next character literal. */
  readonly glob?: string
  /** `if-none` for argv, where quotes are gone: a file of exactly this name wins. By default `always`. */
  readonly expands?: 'always' | 'if-none'
}

/** A word of argv. The user's shell has removed its quotes, so whatever looks like a pattern may be one. */
export function wordOfArgv(text: string): Word {
  const glob = isRemoteUrl(text) ? globOfUrl(text) : text
  return hasMagic(glob) ? { text, glob, expands: 'if-none' } : { text }
}

/** The path of a URL as a pattern; what is percent-encoded in it is literal. */
function globOfUrl(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  try {
    return path.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) =>
      decodeURIComponent(encoded).replace(/[\\*?[\]!^-]/g, '\\$&'),
    )
  } catch {
    // The command will read the URL and say what is wrong with it.
    return ''
  }
}

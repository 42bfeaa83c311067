import { printable } from '@jftp/protocol'
import type { Quote } from './word-reader.js'

const SPECIAL = /[\s'"\\$#;&|<>*?[\]!^]/g

/**
 * Writes text as the continuation of a word that is in that quote, so that the lexer reads exactly this text.
 */
export function quoteFor(text: string, quote: Quote): string {
  // What a terminal might obey can only be written in $'…'.
  if (printable(text) !== text) return `${closing(quote)}${ansi(text)}${reopening(quote)}`
  switch (quote) {
    case 'single':
      return text.replaceAll("'", "'\\''")
    case 'double':
      return text.replace(/["\\]/g, '\\$&')
    case 'ansi':
      return text.replace(/['\\]/g, '\\$&')
    default:
      return text.replace(SPECIAL, '\\$&')
  }
}

/** The characters that end that quote. */
export function closing(quote: Quote): string {
  return { none: '', backslash: '', single: "'", double: '"', ansi: "'" }[quote]
}

function reopening(quote: Quote): string {
  return { none: '', backslash: '', single: "'", double: '"', ansi: "$'" }[quote]
}

function ansi(text: string): string {
  const escaped = text.replace(/['\\]/g, '\\$&')
  // printable writes the same escapes that $'…' reads.
  return `$'${printable(escaped)}'`
}

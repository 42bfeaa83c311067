import type { Quote } from './word-reader.js'

// Control characters can only be written in $'…'.
const CONTROL = /[\p{Cc}\u2028\u2029]/u
const SPECIAL = /[\s'"\\$#;&|<>*?[\]!^]/g

/**
 * Writes text as the continuation of a word that is in that quote, so that the lexer reads exactly this text.
 */
export function quoteFor(text: string, quote: Quote): string {
  if (CONTROL.test(text)) return `${closing(quote)}${ansi(text)}${reopening(quote)}`
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
  const escaped = text.replace(/['\\]/g, '\\$&').replace(new RegExp(CONTROL, 'gu'), (character) => {
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' }[character]
    return named ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
  return `$'${escaped}'`
}

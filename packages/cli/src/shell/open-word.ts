import { lex, type Token } from './lexer.js'
import type { Quote } from './word-reader.js'

/** The word that the cursor is in. */
export interface OpenWord {
  /** Its text so far, without quotes. */
  readonly text: string
  /** As it is written so far. */
  readonly raw: string
  readonly quote: Quote
}

/** The finished words of a line's last command, and the word the cursor is in; undefined if there can be none. */
export function readOpenWord(line: string): { words: string[]; word: OpenWord | undefined } {
  let tokens: readonly Token[]
  let quote: Quote
  try {
    const lexed = lex(line)
    tokens = lexed.tokens
    quote = lexed.open
  } catch {
    return { words: [], word: undefined }
  }
  const from = tokens.findLastIndex((token) => token.type !== 'word') + 1
  const words = tokens.slice(from).flatMap((token) => (token.type === 'word' ? [token] : []))
  const last = words.at(-1)
  if (last && last.end === line.length) {
    const raw = line.slice(last.start)
    return { words: words.slice(0, -1).map(({ text }) => text), word: { text: last.text, raw, quote } }
  }
  return { words: words.map(({ text }) => text), word: { text: '', raw: '', quote: 'none' } }
}

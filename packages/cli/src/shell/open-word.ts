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

export interface OpenCommand {
  /** The finished words. */
  readonly words: string[]
  /** The word that the cursor is in; undefined if there can be none. */
  readonly word: OpenWord | undefined
  /** Whether the word names the local file behind `>`. */
  readonly isRedirect: boolean
}

/** The command of a line that the cursor is in. */
export function readOpenWord(line: string): OpenCommand {
  let tokens: readonly Token[]
  let quote: Quote
  try {
    const lexed = lex(line)
    tokens = lexed.tokens
    quote = lexed.open
  } catch {
    return NOTHING
  }
  const last = tokens.at(-1)
  if (last !== undefined && 'command' in last) return NOTHING
  const operator = tokens.findLast((token) => token.type !== 'word')
  const isRedirect = operator?.type === '>' || operator?.type === '>>'
  const from = tokens.findLastIndex((token) => token.type !== 'word') + 1
  const words = tokens.slice(from).flatMap((token) => (token.type === 'word' ? [token] : []))
  const open = words.at(-1)
  if (open && open.end === line.length) {
    const raw = line.slice(open.start)
    const finished = words.slice(0, -1).map(({ text }) => text)
    return { words: finished, word: { text: open.text, raw, quote }, isRedirect }
  }
  return { words: words.map(({ text }) => text), word: { text: '', raw: '', quote: 'none' }, isRedirect }
}

const NOTHING: OpenCommand = { words: [], word: undefined, isRedirect: false }

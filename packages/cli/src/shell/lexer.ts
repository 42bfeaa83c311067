import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'
import { OPERATOR_STARTS, type Quote, WordReader } from './word-reader.js'

/**
 * The language of a line: words, `'…'`, `"…"` (backslash before `"` and `\`), `$'…'` (with `\n`, `\t`,
 * `\e`, `\xHH`, `\uHHHH`), backslash before any character, `#` comments, `;`, `&&`, `||`. Unquoted `*`,
 * `?` and `[` make a word a pattern. `&`, `|`, `<` and `>` have no meaning yet and must be quoted.
 */
export type Token =
  | ({ readonly type: 'word'; readonly start: number; readonly end: number } & Word)
  | { readonly type: ';' | '&&' | '||'; readonly start: number; readonly end: number }

export interface Lexed {
  readonly tokens: readonly Token[]
  readonly open: Quote
}

/** Cuts text into tokens. Throws `usage` for `&`, `|`, `<` and `>`, and for an escape that `$'…'` does not know. */
export function lex(text: string): Lexed {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (character === ' ' || character === '\t' || character === '\r') at++
    else if (character === '#') at = endOfLine(text, at)
    else if (OPERATOR_STARTS.includes(character)) {
      const operator = operatorAt(text, at)
      tokens.push({ type: operator.type, start: at, end: at + operator.length })
      at += operator.length
    } else {
      const word = new WordReader(text, at)
      const open = word.read()
      tokens.push({ type: 'word', start: at, end: word.at, ...word.word() })
      at = word.at
      if (open !== 'none') return { tokens, open }
    }
  }
  return { tokens, open: 'none' }
}

function operatorAt(text: string, at: number): { type: ';' | '&&' | '||'; length: number } {
  const two = text.slice(at, at + 2)
  if (two === '&&' || two === '||') return { type: two, length: 2 }
  const one = text[at] ?? ''
  if (one === ';' || one === '\n') return { type: ';', length: 1 }
  throw new FtpError(
    'usage',
    `'${one}' has no meaning here yet; in a name it is written '${one}' or \\${one}`,
  )
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'
import { localCommandEnd } from './local-command.js'
import { OPERATOR_STARTS, type Quote, WordReader } from './word-reader.js'

/**
 * The language of a line: words, `'…'`, `"…"` (backslash before `"` and `\`), `$'…'` (with `\n`, `\t`,
 * `\e`, `\xHH`, `\uHHHH`), backslash before any character, `#` comments, `;`, `&&`, `||`, `&` for the background,
 * `>` and `>>` into a local file, `|` into a local program, and `!` for a local program alone. Unquoted `*`, `?` and
 * `[` make a word a pattern.
 */
export type Token =
  | ({ readonly type: 'word'; readonly start: number; readonly end: number } & Word)
  | { readonly type: Operator; readonly start: number; readonly end: number }
  /** What is written for the local shell behind `|` or `!`; it is not read here. */
  | {
      readonly type: '|' | '!'
      readonly command: string
      readonly start: number
      readonly end: number
    }

type Operator = ';' | '&&' | '||' | '&' | '>' | '>>'

export interface Lexed {
  readonly tokens: readonly Token[]
  readonly open: Quote
}

/** Cuts text into tokens. Throws `usage` for `<`, and for an escape that `$'…'` does not know. */
export function lex(text: string): Lexed {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (character === ' ' || character === '\t' || character === '\r') at++
    else if (character === '#') at = endOfLine(text, at)
    else if (character === '!' && beginsStatement(tokens)) {
      const end = endOfLine(text, at)
      tokens.push({ type: '!', command: text.slice(at + 1, end).trim(), start: at, end })
      at = end
    } else if (character === '|' && text[at + 1] !== '|') {
      const end = localCommandEnd(text, at + 1)
      tokens.push({ type: '|', command: text.slice(at + 1, end).trim(), start: at, end })
      at = end
    } else if (OPERATOR_STARTS.includes(character)) {
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

const SEPARATORS: readonly Token['type'][] = [';', '&&', '||', '&']

function beginsStatement(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  return last === undefined || SEPARATORS.includes(last.type)
}

function operatorAt(text: string, at: number): { type: Operator; length: number } {
  const two = text.slice(at, at + 2)
  if (two === '&&' || two === '||' || two === '>>') return { type: two, length: 2 }
  const one = text[at] ?? ''
  if (one === '&' || one === '>') return { type: one, length: 1 }
  if (one === ';' || one === '\n') return { type: ';', length: 1 }
  throw new FtpError(
    'usage',
    `'${one}' has no meaning here: commands take local files by name; in a name it is written '${one}' or \\${one}`,
  )
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

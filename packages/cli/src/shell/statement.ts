import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'
import { type Lexed, lex, type Token } from './lexer.js'

/** One command of a line. */
export interface Statement {
  /** Whether it runs depends on how the one before it ended. */
  readonly when: 'always' | 'after-success' | 'after-failure'
  readonly words: readonly Word[]
  /** As it was written, for the echo. */
  readonly source: string
}

/** Commands joined by `&&` and `||`; the first runs always. */
export type Chain = readonly Statement[]

/** Reads the chains of a text, which are separated by `;` and line ends. Throws `usage` if one is unfinished. */
export function parseLine(text: string): Chain[] {
  const { tokens, open } = lex(text)
  if (open !== 'none') throw new FtpError('usage', UNFINISHED[open])
  const chains: Chain[] = []
  let chain: Token[] = []
  for (const token of tokens) {
    if (token.type !== ';') chain.push(token)
    else if (chain.length > 0) {
      chains.push(chainOf(chain, text))
      chain = []
    }
  }
  if (chain.length > 0) chains.push(chainOf(chain, text))
  return chains
}

const UNFINISHED: Readonly<Record<Exclude<Lexed['open'], 'none'>, string>> = {
  single: "a ' is not closed",
  double: 'a " is not closed',
  ansi: "a $' is not closed",
  backslash: 'nothing follows the last backslash',
}

function chainOf(tokens: readonly Token[], text: string): Chain {
  const statements: Statement[] = []
  let when: Statement['when'] = 'always'
  let words: WordToken[] = []
  for (const token of tokens) {
    if (token.type === 'word') {
      words.push(token)
    } else {
      if (words.length === 0) throw new FtpError('usage', `a command is missing before '${token.type}'`)
      statements.push(statementOf(when, words, text))
      when = token.type === '&&' ? 'after-success' : 'after-failure'
      words = []
    }
  }
  if (words.length === 0) throw new FtpError('usage', `a command is missing after '${tokens.at(-1)?.type}'`)
  return [...statements, statementOf(when, words, text)]
}

type WordToken = Extract<Token, { type: 'word' }>

function statementOf(when: Statement['when'], words: readonly WordToken[], text: string): Statement {
  return { when, words, source: text.slice(words[0]?.start, words.at(-1)?.end) }
}

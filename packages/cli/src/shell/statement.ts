import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'
import { type Lexed, lex, type Token } from './lexer.js'

/** One command of a line. */
export type Statement = (FtpStatement | LocalStatement) & {
  /** Whether it runs depends on how the one before it ended. */
  readonly when: 'always' | 'after-success' | 'after-failure'
  /** As it was written, for the echo. */
  readonly source: string
}

/** A command of ftp. */
export interface FtpStatement {
  readonly type: 'ftp'
  readonly words: readonly Word[]
  /** Where its answers go instead of stdout. */
  readonly redirect?: Redirect
}

/** A command line for the local shell; without text, the shell itself. */
export interface LocalStatement {
  readonly type: 'local'
  readonly command: string
}

export type Redirect =
  | { readonly type: 'program'; readonly command: string }
  | { readonly type: 'file'; readonly path: string; readonly mode: 'replace' | 'append' }

/** Commands joined by `&&` and `||`; the first runs always. */
export interface Chain {
  readonly statements: readonly Statement[]
  /** As it was written. */
  readonly source: string
  /** Whether it ends in `&`. */
  readonly isBackground: boolean
}

/**
 * Reads the chains of a text, which are separated by `;`, `&` and line ends. Throws `usage` if one is unfinished.
 */
export function parseLine(text: string): Chain[] {
  const { tokens, open } = lex(text)
  if (open !== 'none') throw new FtpError('usage', UNFINISHED[open])
  const chains: Chain[] = []
  let chain: Token[] = []
  for (const token of tokens) {
    if (token.type !== ';' && token.type !== '&') chain.push(token)
    else if (chain.length > 0) {
      chains.push(chainOf(chain, text, token.type === '&'))
      chain = []
    } else if (token.type === '&') {
      throw new FtpError('usage', "a command is missing before '&'")
    }
  }
  if (chain.length > 0) chains.push(chainOf(chain, text, false))
  return chains
}

const UNFINISHED: Readonly<Record<Exclude<Lexed['open'], 'none'>, string>> = {
  single: "a ' is not closed",
  double: 'a " is not closed',
  ansi: "a $' is not closed",
  backslash: 'nothing follows the last backslash',
}

function chainOf(tokens: readonly Token[], text: string, isBackground: boolean): Chain {
  const statements: Statement[] = []
  let when: Statement['when'] = 'always'
  let own: Token[] = []
  for (const token of tokens) {
    if (token.type === '&&' || token.type === '||') {
      if (own.length === 0) throw new FtpError('usage', `a command is missing before '${token.type}'`)
      statements.push(statementOf(when, own, text))
      when = token.type === '&&' ? 'after-success' : 'after-failure'
      own = []
    } else {
      own.push(token)
    }
  }
  if (own.length === 0) throw new FtpError('usage', `a command is missing after '${tokens.at(-1)?.type}'`)
  statements.push(statementOf(when, own, text))
  return { statements, source: sourceOf(tokens, text), isBackground }
}

function statementOf(when: Statement['when'], tokens: readonly Token[], text: string): Statement {
  const source = sourceOf(tokens, text)
  const [first] = tokens
  if (first?.type === '!') return { type: 'local', when, source, command: first.command }
  const end = tokens.findIndex(({ type }) => type !== 'word')
  const words = tokens
    .slice(0, end < 0 ? undefined : end)
    .flatMap((token) => (token.type === 'word' ? [token] : []))
  if (end < 0) return { type: 'ftp', when, source, words }
  return { type: 'ftp', when, source, words, redirect: readRedirect(tokens.slice(end), words.length) }
}

function readRedirect([operator, ...rest]: readonly Token[], wordsBefore: number): Redirect {
  const sign = operator?.type ?? ''
  if (wordsBefore === 0) throw new FtpError('usage', `a command is missing before '${sign}'`)
  if (operator?.type === '|') {
    if (operator.command === '') throw new FtpError('usage', "a local program is missing after '|'")
    return { type: 'program', command: operator.command }
  }
  const [target, surplus] = rest
  if (target?.type !== 'word')
    throw new FtpError('usage', `the name of a local file is missing after '${sign}'`)
  if (surplus !== undefined) throw new FtpError('usage', `after '${sign}' there is one file and nothing else`)
  return { type: 'file', path: target.text, mode: sign === '>>' ? 'append' : 'replace' }
}

function sourceOf(tokens: readonly Token[], text: string): string {
  return text.slice(tokens[0]?.start, tokens.at(-1)?.end).trim()
}

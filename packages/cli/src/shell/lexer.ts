import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'

/**
 * The language of a line: words, `'…'`, `"…"` (backslash before `"` and `\`), `$'…'` (with `\n`, `\t`,
 * `\e`, `\xHH`, `\uHHHH`), backslash before any character, `#` comments, `;`, `&&`, `||`. Unquoted `*`,
 * `?` and `[` are globs. `&`, `|`, `<` and `>` alone are kept for later and must be quoted.
 */
export type Token =
  | ({ readonly type: 'word'; readonly start: number; readonly end: number } & Word)
  | { readonly type: ';' | '&&' | '||'; readonly start: number; readonly end: number }

/** What is still open where the text ends: an unfinished word can be completed, not run. */
export type Quote = 'none' | 'single' | 'double' | 'ansi' | 'backslash'

export interface Lexed {
  readonly tokens: readonly Token[]
  readonly open: Quote
}

/** Cuts text into tokens. Throws `usage` for operators that there are none of, and bad `$'…'` escapes. */
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

const OPERATOR_STARTS = ';\n&|<>'
const WORD_ENDS = ` \t\r${OPERATOR_STARTS}`

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

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  e: '\x1b',
  a: '\x07',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** Reads one word, which may be pieced together of quoted and unquoted parts. */
class WordReader {
  at: number
  readonly #source: string
  #text = ''
  /** The word as a glob: what is literal in it is escaped. */
  #glob = ''
  #isGlob = false

  constructor(source: string, at: number) {
    this.#source = source
    this.at = at
  }

  word(): Word {
    return this.#isGlob ? { text: this.#text, glob: this.#glob } : { text: this.#text }
  }

  read(): Quote {
    while (this.at < this.#source.length) {
      const character = this.#source[this.at] ?? ''
      if (WORD_ENDS.includes(character)) return 'none'
      this.at++
      let open: Quote = 'none'
      if (character === "'") open = this.#single()
      else if (character === '"') open = this.#double()
      else if (character === '$' && this.#source[this.at] === "'") {
        this.at++
        open = this.#ansi()
      } else if (character === '\\') {
        if (this.at >= this.#source.length) return 'backslash'
        this.#literal(this.#next())
      } else if ('*?['.includes(character)) this.#magic(character)
      else if (this.#isGlob && ']!^-'.includes(character)) this.#magic(character)
      else this.#literal(character)
      if (open !== 'none') return open
    }
    return 'none'
  }

  #single(): Quote {
    const end = this.#source.indexOf("'", this.at)
    this.#literal(this.#source.slice(this.at, end < 0 ? undefined : end))
    this.at = end < 0 ? this.#source.length : end + 1
    return end < 0 ? 'single' : 'none'
  }

  #double(): Quote {
    while (this.at < this.#source.length) {
      const character = this.#next()
      if (character === '"') return 'none'
      const after = this.#source[this.at]
      if (character === '\\' && (after === '"' || after === '\\')) this.#literal(this.#next())
      else this.#literal(character)
    }
    return 'double'
  }

  #ansi(): Quote {
    while (this.at < this.#source.length) {
      const character = this.#next()
      if (character === "'") return 'none'
      this.#literal(character === '\\' && this.at < this.#source.length ? this.#escape() : character)
    }
    return 'ansi'
  }

  #escape(): string {
    const letter = this.#next()
    const plain = ANSI_ESCAPES[letter]
    if (plain !== undefined) return plain
    const digits = { x: 2, u: 4 }[letter]
    const hex = this.#source.slice(this.at, this.at + (digits ?? 0))
    if (digits === undefined || !new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hex)) {
      throw new FtpError(
        'usage',
        `'\\${letter}' has no meaning in $'…'; it knows \\n \\r \\t \\e \\xHH \\uHHHH`,
      )
    }
    this.at += digits
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #next(): string {
    return this.#source[this.at++] ?? ''
  }

  #magic(character: string): void {
    this.#text += character
    this.#glob += character
    this.#isGlob = true
  }

  #literal(characters: string): void {
    this.#text += characters
    this.#glob += characters.replace(/[!-,:-@[-^`{-~]/g, '\\$&')
  }
}

import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'

/** The quote that is still open at the end of a text. A word in it can be completed, but not run. */
export type Quote = 'none' | 'single' | 'double' | 'ansi' | 'backslash'

export const OPERATOR_STARTS = ';\n&|<>'
const WORD_ENDS = ` \t\r${OPERATOR_STARTS}`

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

/** Reads one word, which may consist of quoted and unquoted parts. */
export class WordReader {
  at: number
  readonly #source: string
  #text = ''
  /** The word as a pattern, in which what is literal is escaped. */
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

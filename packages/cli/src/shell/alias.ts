import { FtpError } from '@jftp/client'
import type { Word } from '../commands/word.js'
import { parseLine, type Statement } from './statement.js'

/**
 * The commands that an alias stands for, with the words behind it. `$1` to `$9` is one of these words and `$@` is all of
 * them. Words without such a place come to the end of the last command. Throws `usage`.
 */
export function readAlias(name: string, text: string, words: readonly Word[]): Statement[] {
  const statements = statementsOf(name, text)
  const filling = new Filling(name, words)
  const filled = statements.map((statement) => filling.fill(statement))
  const rest = filling.rest
  const last = filled.at(-1)
  if (rest.length === 0 || last === undefined) return filled
  if (last.type === 'local') {
    const [first] = rest
    throw new FtpError(
      'usage',
      `'${first?.text}' has no place in the alias '${name}', which ends in a local program`,
    )
  }
  return [...filled.slice(0, -1), { ...last, words: [...last.words, ...rest] }]
}

/** The commands in order. The first failure ends an alias, unless `||` comes after it. */
function statementsOf(name: string, text: string): Statement[] {
  const chains = parseLine(text)
  if (chains.length === 0) throw new FtpError('usage', `the alias '${name}' stands for no command`)
  if (chains.some(({ isBackground }) => isBackground)) {
    throw new FtpError('usage', `the alias '${name}' can't start a job; write & behind its name instead`)
  }
  return chains.flatMap(({ statements }, index) =>
    statements.map((statement) =>
      index > 0 && statement.when === 'always' ? { ...statement, when: 'after-success' as const } : statement,
    ),
  )
}

const PLACES = /\\?\$([1-9@])/g

class Filling {
  readonly #name: string
  readonly #words: readonly Word[]
  readonly #used = new Set<number>()

  constructor(name: string, words: readonly Word[]) {
    this.#name = name
    this.#words = words
  }

  /** The words that had no place. */
  get rest(): readonly Word[] {
    return this.#words.filter((_word, index) => !this.#used.has(index))
  }

  fill(statement: Statement): Statement {
    if (statement.type === 'local') return statement
    const { redirect } = statement
    const words = statement.words.flatMap((word) => this.#fillWord(word))
    if (redirect?.type !== 'file') return { ...statement, words }
    return {
      ...statement,
      words,
      redirect: { ...redirect, path: this.#texts(redirect.path, ({ text }) => text) },
    }
  }

  #fillWord(word: Word): readonly Word[] {
    if (word.text === '$@') return this.#all()
    const text = this.#texts(word.text, (each) => each.text)
    if (text === word.text) return [word]
    const glob = this.#texts(word.glob ?? escapeGlob(word.text), (each) => each.glob ?? escapeGlob(each.text))
    return glob === escapeGlob(text) ? [{ text }] : [{ text, glob }]
  }

  #texts(template: string, show: (word: Word) => string): string {
    return template.replace(PLACES, (_place, which: string) =>
      which === '@' ? this.#all().map(show).join(' ') : show(this.#word(Number(which))),
    )
  }

  #all(): readonly Word[] {
    this.#words.forEach((_word, index) => {
      this.#used.add(index)
    })
    return this.#words
  }

  #word(number: number): Word {
    const word = this.#words[number - 1]
    if (word === undefined) {
      throw new FtpError(
        'usage',
        `the alias '${this.#name}' takes at least ${number} ${number === 1 ? 'word' : 'words'}`,
      )
    }
    this.#used.add(number - 1)
    return word
  }
}

/** As the lexer writes what is literal in a pattern. */
function escapeGlob(text: string): string {
  return text.replace(/[!-,:-@[-^`{-~]/g, '\\$&')
}

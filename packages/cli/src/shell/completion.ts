import type { Command, Names } from '../commands/command.js'
import { commandNames, findCommand } from '../commands/table.js'
import { globalFlags } from '../settings/global-flags.js'
import { lex, type Quote, type Token } from './lexer.js'
import { closing, quoteFor } from './quote.js'

/** A name in a folder, as far as completion cares. */
export interface CompletionName {
  readonly name: string
  readonly type: 'folder' | 'file'
}

/** Where names come from; both give nothing for a folder that can't be read. */
export interface CompletionSources {
  local(folder: string): Promise<readonly CompletionName[]>
  remote(folder: string): Promise<readonly CompletionName[]>
}

/** What readline wants: what may stand there, and the part of the line which that replaces. */
export type Completion = [candidates: string[], replaced: string]

/** Completes the last word of `line`, by its position: a command, a flag, or a name on the right side. */
export async function complete(line: string, sources: CompletionSources): Promise<Completion> {
  const { words, word } = readLine(line)
  if (!word) return [[], '']
  const [first] = words
  if (first === undefined) {
    return finish(
      word,
      word.text,
      commandNames().map((name) => ({ name, ending: ' ' })),
    )
  }
  const row = findCommand(first.replace(/^[-@]+/, ''))
  const command = await row?.load()
  if (!command) return [[], '']
  if (word.text.startsWith('-') && word.quote === 'none') {
    return finish(
      word,
      word.text,
      flagsOf(command).map((name) => ({ name, ending: ' ' })),
    )
  }
  const names = namesAt(command, words.slice(1).filter((each) => !each.startsWith('-')).length)
  if (names.includes('command')) {
    return finish(
      word,
      word.text,
      commandNames().map((name) => ({ name, ending: ' ' })),
    )
  }
  return completePath(word, names, sources)
}

interface OpenWord {
  /** What it says so far. */
  readonly text: string
  /** How it is written so far. */
  readonly raw: string
  readonly quote: Quote
}

/** The finished words of the last command, and the word the cursor is in; undefined where there can be none. */
function readLine(line: string): { words: string[]; word: OpenWord | undefined } {
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

function flagsOf(command: Command): string[] {
  return [...Object.values(command.flags), ...Object.values(globalFlags)].map(
    ({ spelling }) => spelling.split(', ').at(-1) ?? '',
  )
}

function namesAt(command: Command, position: number): readonly Names[] {
  const argument = command.arguments[Math.min(position, command.arguments.length - 1)]
  const offset = Math.max(0, position - command.arguments.length + 1)
  const isEndless = argument?.takes === 'some' || argument?.takes === 'any'
  if (!argument || (offset > 0 && !isEndless)) return []
  return argument.names[Math.min(offset, argument.names.length - 1)] ?? []
}

async function completePath(
  word: OpenWord,
  names: readonly Names[],
  sources: CompletionSources,
): Promise<Completion> {
  const slash = word.text.lastIndexOf('/') + 1
  const folder = word.text.slice(0, slash)
  const base = word.text.slice(slash)
  const sides: CompletionName[] = []
  for (const side of names) {
    if (side === 'local' || side === 'remote') sides.push(...(await sources[side](folder)))
  }
  const found = new Map(sides.map(({ name, type }) => [name, type]))
  const shown = [...found].filter(([name]) => base.startsWith('.') || !name.startsWith('.'))
  return finish(
    word,
    base,
    shown.map(([name, type]) => ({ name, ending: type === 'folder' ? '/' : ' ' })),
  )
}

/**
 * Keeps what was typed as it was typed and adds only the rest, quoted as the place needs. Of a path only
 * the last name is replaced, so that the list of candidates shows names.
 */
function finish(
  word: OpenWord,
  base: string,
  candidates: readonly { name: string; ending: ' ' | '/' }[],
): Completion {
  const replaced = word.raw.slice(word.raw.lastIndexOf('/') + 1)
  const hits = candidates
    .filter(({ name }) => name.startsWith(base))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, ending }) => {
      // A name that begins with a dash is no flag.
      const guard = word.raw === '' && name.startsWith('-') ? './' : ''
      const rest = quoteFor(name.slice(base.length), word.quote)
      return guard + replaced + rest + (ending === ' ' ? `${closing(word.quote)} ` : '/')
    })
  return [hits, replaced]
}

import type { ArgumentKind, Command, Flag } from '../commands/command.js'
import { commandNames, findCommand } from '../commands/table.js'
import { globalFlags } from '../settings/global-flags.js'
import { SETTING_KEYS, settingName } from '../settings/settings-layer.js'
import { type OpenWord, readOpenWord } from './open-word.js'
import { closing, quoteFor } from './quote.js'

/** A name in a folder. It is not known where a link leads. */
export interface CompletionName {
  readonly name: string
  readonly type: 'folder' | 'file' | 'link'
}

/** Where names come from. A folder that can't be read has none. */
export interface CompletionSources {
  local(folder: string): Promise<readonly CompletionName[]>
  remote(folder: string): Promise<readonly CompletionName[]>
  /** What people have named: a server or a command. */
  names(kind: NameKind): Promise<readonly string[]>
  /** The commands that an alias stands for. */
  alias(name: string): string | undefined
}

export type NameKind = 'bookmark' | 'alias'

/** What readline expects: the texts that fit, and the end of the line that each of them replaces. */
export type Completion = [candidates: string[], replaced: string]

/** Completes the last word of `line` by its position: a command, a flag, a flag's value, or a name. */
export async function complete(line: string, sources: CompletionSources): Promise<Completion> {
  const { words, word, isRedirect } = readOpenWord(line)
  if (!word) return [[], '']
  if (isRedirect) return completePath(word, words.length === 0 ? ['local'] : [], sources)
  const [first, ...others] = words
  if (first === undefined) {
    return finish(word, word.text, wordsToComplete([...commandNames(), ...(await sources.names('alias'))]))
  }
  const row = findCommand(nameOf(first, sources))
  const command = await row?.load()
  if (!command) return [[], '']
  const flags = [...Object.values(command.flags), ...Object.values(globalFlags)]
  const { position, valueOf, mayBeFlag } = readWordRole(others, flags)
  if (valueOf) return completeValue(word, valueOf, sources)
  if (mayBeFlag && word.text.startsWith('-') && word.quote === 'none') {
    return completeFlag(word, flags, sources)
  }
  const kinds = kindsAt(command, position)
  return completeKinds(word, kinds, sources)
}

/** The command that a word names, or the last one of those that it is an alias of. */
function nameOf(word: string, sources: CompletionSources): string {
  const name = word.replace(/^[-@]+/, '')
  const commands = sources.alias(name)?.split(/;|&&|\|\|/)
  return commands?.at(-1)?.trim().split(/\s/)[0] ?? name
}

interface WordRole {
  /** The number of arguments before this word. */
  readonly position: number
  /** The flag whose value this word is. */
  readonly valueOf: Flag | undefined
  /** False after `--`, where a dash begins a name. */
  readonly mayBeFlag: boolean
}

function readWordRole(words: readonly string[], flags: readonly Flag[]): WordRole {
  let position = 0
  let valueOf: Flag | undefined
  let mayBeFlag = true
  for (const word of words) {
    if (valueOf) valueOf = undefined
    else if (mayBeFlag && word === '--') mayBeFlag = false
    else if (mayBeFlag && word.startsWith('-') && word !== '-') valueOf = flagAwaitingValue(word, flags)
    else position++
  }
  return { position, valueOf, mayBeFlag }
}

/** The flag in `-o`, `-ro` or `--output` whose value is the next word, if it takes one. */
function flagAwaitingValue(word: string, flags: readonly Flag[]): Flag | undefined {
  const spelling = word.startsWith('--') ? word : `-${word.at(-1)}`
  return flags.find((flag) => flag.value !== undefined && flag.spelling.split(', ').includes(spelling))
}

function completeFlag(
  word: OpenWord,
  flags: readonly Flag[],
  sources: CompletionSources,
): Completion | Promise<Completion> {
  const equals = word.text.indexOf('=')
  const flag = equals < 0 ? undefined : flagAwaitingValue(word.text.slice(0, equals), flags)
  if (flag) {
    const raw = word.raw.slice(word.raw.indexOf('=') + 1)
    return completeValue({ text: word.text.slice(equals + 1), raw, quote: word.quote }, flag, sources)
  }
  const names = flags
    .filter(({ isHidden }) => !isHidden)
    .map(({ spelling }) => spelling.split(', ').at(-1) ?? '')
  return finish(word, word.text, wordsToComplete([...names, '--help']))
}

function completeValue(
  word: OpenWord,
  { kind, choices }: Flag,
  sources: CompletionSources,
): Completion | Promise<Completion> {
  if (choices) return finish(word, word.text, wordsToComplete(choices))
  return completeKinds(word, kind === undefined ? [] : [kind], sources)
}

async function completeKinds(
  word: OpenWord,
  kinds: readonly ArgumentKind[],
  sources: CompletionSources,
): Promise<Completion> {
  const names: string[] = []
  for (const kind of kinds) {
    if (kind === 'command') names.push(...commandNames())
    if (kind === 'setting') names.push(...SETTING_KEYS.map(settingName))
    if (kind === 'alias' || kind === 'bookmark') names.push(...(await sources.names(kind)))
  }
  return names.length > 0
    ? finish(word, word.text, wordsToComplete(names))
    : completePath(word, kinds, sources)
}

function kindsAt(command: Command, position: number): readonly ArgumentKind[] {
  const argument = command.arguments[Math.min(position, command.arguments.length - 1)]
  const offset = Math.max(0, position - command.arguments.length + 1)
  const isEndless = argument?.takes === 'some' || argument?.takes === 'any'
  if (!argument || (offset > 0 && !isEndless)) return []
  return argument.kinds[Math.min(offset, argument.kinds.length - 1)] ?? []
}

async function completePath(
  word: OpenWord,
  kinds: readonly ArgumentKind[],
  sources: CompletionSources,
): Promise<Completion> {
  const slash = word.text.lastIndexOf('/') + 1
  const folder = word.text.slice(0, slash)
  const base = word.text.slice(slash)
  const found = new Map<string, Candidate['ending']>()
  for (const kind of kinds) {
    const side = kind.startsWith('local') ? 'local' : kind.startsWith('remote') ? 'remote' : undefined
    const wantsFolder = kind.endsWith('-folder')
    for (const { name, type } of side ? await sources[side](folder) : []) {
      if (wantsFolder && type === 'file') continue
      found.set(name, type === 'folder' || (wantsFolder && type === 'link') ? '/' : ' ')
    }
  }
  const shown = [...found].filter(([name]) => base.startsWith('.') || !name.startsWith('.'))
  return finish(
    word,
    base,
    shown.map(([name, ending]) => ({ name, ending })),
  )
}

interface Candidate {
  readonly name: string
  readonly ending: ' ' | '/'
}

function wordsToComplete(words: readonly string[]): Candidate[] {
  return words.map((name) => ({ name, ending: ' ' }))
}

/**
 * Keeps what was typed and adds only the rest, quoted as the word needs it. Of a path only the last name is
 * replaced, so that the list of candidates shows names.
 */
function finish(word: OpenWord, base: string, candidates: readonly Candidate[]): Completion {
  const replaced = word.raw.slice(word.raw.lastIndexOf('/') + 1)
  const hits = candidates
    .filter(({ name }) => name.startsWith(base))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const written = (name: string) => {
    // Without ./ a name that begins with a dash would be taken for a flag.
    const guard = word.raw === '' && name.startsWith('-') ? './' : ''
    return guard + replaced + quoteFor(name.slice(base.length), word.quote)
  }
  const endings = { ' ': `${closing(word.quote)} `, '/': '/' }
  const texts = hits.map(({ name, ending }) => written(name) + endings[ending])
  const shared = sharedStart(hits.map(({ name }) => name))
  // readline inserts what all texts begin with, and that may end in the middle of an escape or of a character.
  if (texts.length < 2 || sharedUnits(texts) === written(shared)) return [texts, replaced]
  return [shared.length > base.length ? [written(shared)] : [replaced || ' ', ...texts], replaced]
}

function sharedUnits([first = '', ...others]: readonly string[]): string {
  let length = 0
  while (length < first.length && others.every((text) => text[length] === first[length])) length++
  return first.slice(0, length)
}

/** The whole characters that all names begin with. */
function sharedStart([first = '', ...others]: readonly string[]): string {
  let shared = ''
  for (const character of first) {
    if (!others.every((name) => name.startsWith(shared + character))) break
    shared += character
  }
  return shared
}

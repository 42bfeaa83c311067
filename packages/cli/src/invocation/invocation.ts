import { type Command, defineCommand } from '../commands/command.js'
import { parseCommand } from '../commands/command-parser.js'
import { remoteUrlOf } from '../commands/open.js'
import { commandNames, findCommand, requireCommand } from '../commands/table.js'
import { type GlobalFlags, globalFlags } from '../settings/global-flags.js'
import { suggest } from '../text/suggestion.js'

/** What argv asks for. */
export type Invocation =
  | { readonly type: 'version' }
  | { readonly type: 'help' }
  /** `words` are all others: global flags may stand before and after the name. */
  | { readonly type: 'command'; readonly name: string; readonly words: readonly string[] }
  | { readonly type: 'batch'; readonly text: string; readonly flags: GlobalFlags; readonly url?: string }
  | { readonly type: 'shell'; readonly flags: GlobalFlags; readonly url?: string }

/** Without a command: what `ftp` itself takes. */
export const ftpCommand: Command = defineCommand({
  arguments: [{ name: 'HOST|URL', takes: 'maybe', names: [['url']] }],
  flags: {
    command: { spelling: '-c, --command', value: 'COMMANDS', help: "run 'a; b', stop at the first error" },
    version: { spelling: '--version', help: 'print the version' },
  },
  async run() {},
})

/** Reads argv. Throws `usage`. */
export function readInvocation(argv: readonly string[]): Invocation {
  const at = firstArgument(argv)
  const name = argv[at]
  const words = argv.toSpliced(at, 1)
  if (name !== undefined && isCommandLike(name, words.length > at)) {
    requireCommand(name)
    if (name !== 'open') return { type: 'command', name, words }
  }
  const isOpen = name === 'open'
  const { args, flags, shared, wants } = parseCommand('ftp', ftpCommand, globalFlags, isOpen ? words : argv)
  if (wants === 'help') return isOpen ? { type: 'command', name: 'help', words: ['open'] } : { type: 'help' }
  if (flags['version']) return { type: 'version' }
  const url = args[0] === undefined ? {} : { url: remoteUrlOf(args[0]) }
  const text = flags['command']
  if (typeof text === 'string') return { type: 'batch', text, flags: shared, ...url }
  return { type: 'shell', flags: shared, ...url }
}

/** The index of the first word that is neither a flag nor a flag's value. */
function firstArgument(argv: readonly string[]): number {
  const withValue = [...Object.values(ftpCommand.flags), ...Object.values(globalFlags)].flatMap((flag) =>
    'value' in flag ? flag.spelling.split(', ') : [],
  )
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') return at + 1
    if (!word.startsWith('-') || word === '-') return at
    if (withValue.includes(word)) at++
  }
  return argv.length
}

/** A host is not taken for a mistyped command: `ftp puut` is one, `ftp files.example` is none. */
function isCommandLike(word: string, hasMore: boolean): boolean {
  if (findCommand(word)) return true
  if (/[.:/@]/.test(word) || word === 'localhost') return false
  return hasMore || suggest(word, commandNames()) !== undefined
}

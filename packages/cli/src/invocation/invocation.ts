import { type Command, defineCommand } from '../commands/command.js'
import { parseCommand } from '../commands/command-parser.js'
import { findCommand, requireCommand } from '../commands/table.js'
import { type GlobalFlags, globalFlags } from '../settings/global-flags.js'

/** What argv asks for. */
export type Invocation =
  | { readonly type: 'version'; readonly flags: GlobalFlags }
  | { readonly type: 'help'; readonly flags: GlobalFlags }
  /** `words` are all except the name, because global flags may stand before and after it. */
  | { readonly type: 'command'; readonly name: string; readonly words: readonly string[] }
  | { readonly type: 'alias'; readonly name: string; readonly words: readonly string[] }
  | {
      readonly type: 'batch'
      readonly lines: readonly string[]
      readonly flags: GlobalFlags
      readonly server: string | undefined
    }
  | { readonly type: 'shell'; readonly flags: GlobalFlags; readonly server: string | undefined }

/** What `ftp` itself takes if no command is named. */
export const ftpCommand: Command = defineCommand({
  arguments: [{ name: 'HOST|URL|BOOKMARK', takes: 'maybe', kinds: [['bookmark']] }],
  flags: {
    command: {
      spelling: '-c, --command',
      value: 'COMMANDS',
      repeats: true,
      help: "run 'a; b' and stop at the first error; may be given more than once",
    },
    version: { spelling: '-V, --version', help: 'print the version' },
  },
  async run() {},
})

/** Reads argv; `aliases` are names that the user has given to commands. Throws `usage`. */
export function readInvocation(argv: readonly string[], aliases: Iterable<string> = []): Invocation {
  const { index, isAfterKnownFlags } = firstArgument(argv)
  const name = argv[index]
  if (name !== undefined && [...aliases].includes(name)) {
    return { type: 'alias', name, words: argv.toSpliced(index, 1) }
  }
  const isOpen = name === 'open'
  const isCommand = name !== undefined && findCommand(name) !== undefined
  if (isCommand && !isOpen) return { type: 'command', name, words: argv.toSpliced(index, 1) }
  const rest = isOpen ? argv.toSpliced(index, 1) : argv
  let parsed: ReturnType<typeof parseCommand>
  try {
    parsed = parseCommand(
      'ftp',
      ftpCommand,
      globalFlags,
      rest.map((text) => ({ text })),
    )
  } catch (error) {
    // In `ftp lss -l x` the name is wrong, not the flag.
    if (name !== undefined && isAfterKnownFlags && !isHostLike(name)) requireCommand(name)
    throw error
  }
  const { args, flags, shared, wants } = parsed
  if (wants === 'help' && isOpen) return { type: 'command', name: 'help', words: ['open'] }
  if (wants === 'help') return { type: 'help', flags: shared }
  if (flags['version']) return { type: 'version', flags: shared }
  const server = args[0]?.text
  const lines = flags['command']
  if (Array.isArray(lines)) return { type: 'batch', lines, flags: shared, server }
  return { type: 'shell', flags: shared, server }
}

/** Whether a word can only be a host. `nas` may be a host or a mistyped command. */
export function isHostLike(word: string): boolean {
  return /[.:/@]/.test(word) || word === 'localhost'
}

/** The flags that say which configuration files are read, wherever they stand in argv. A later one wins. */
export function startFlags(argv: readonly string[]): { config?: string; profile?: string } {
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  const found: { config?: string; profile?: string } = {}
  for (const name of ['config', 'profile'] as const) {
    words.forEach((word, index) => {
      const value =
        word === `--${name}`
          ? words[index + 1]
          : word.startsWith(`--${name}=`)
            ? word.slice(name.length + 3)
            : undefined
      if (value !== undefined) found[name] = value
    })
  }
  return found
}

/** The first word that is neither a flag nor a flag's value, and whether every flag before it is known. */
function firstArgument(argv: readonly string[]): { index: number; isAfterKnownFlags: boolean } {
  const flags = [...Object.values(ftpCommand.flags), ...Object.values(globalFlags)]
  const known = flags.flatMap(({ spelling }) => spelling.split(', '))
  const withValue = flags.flatMap((flag) => ('value' in flag ? flag.spelling.split(', ') : []))
  let isAfterKnownFlags = true
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (word === '--') return { index: index + 1, isAfterKnownFlags }
    if (!word.startsWith('-') || word === '-') return { index, isAfterKnownFlags }
    isAfterKnownFlags &&= known.includes(word.replace(/=.*/s, ''))
    if (withValue.includes(word)) index++
  }
  return { index: argv.length, isAfterKnownFlags }
}

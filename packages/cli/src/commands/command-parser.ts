import { FtpError } from '@jftp/client'
import { CommanderError, Option, Command as Parser } from 'commander'
import { suggest } from '../text/suggestion.js'
import type { Command, Flag, Flags, FlagValue, FlagValues, OrderedValue } from './command.js'
import type { Word } from './word.js'

export interface ParsedCommand {
  readonly args: readonly Word[]
  /** The command's own flags. */
  readonly flags: FlagValues
  /** The flags among `shared` that were given. */
  readonly shared: FlagValues
  readonly wants: 'run' | 'help'
}

/**
 * Reads the words after a command's name: its own flags, the flags that all commands share, and its arguments.
 * Throws `usage`, which says what is wrong and what would be right.
 */
export function parseCommand(
  name: string,
  command: Command,
  shared: Flags,
  words: readonly Word[],
): ParsedCommand {
  const parser = new Parser(name).exitOverride().helpOption(false).helpCommand(false)
  parser.configureOutput({ writeErr() {}, writeOut() {} })
  let position = 0
  for (const flag of [...Object.values(command.flags), ...Object.values(shared)])
    parser.addOption(optionOf(flag, () => position++))
  // ls has a -h of its own.
  const isTaken = Object.values(command.flags).some(({ spelling }) => spelling.startsWith('-h,'))
  parser.option(isTaken ? '--help' : '-h, --help').argument('[words...]')
  try {
    parser.parse(standIns(words), { from: 'user' })
  } catch (error) {
    throw usageError(error, name, command, shared)
  }
  const values = parser.opts<Record<string, FlagValue>>()
  const wants = values['help'] === true ? 'help' : 'run'
  const args = parser.args.map((text) => wordFor(text, words))
  if (wants === 'run') {
    checkArguments(
      name,
      command,
      args.map(({ text }) => text),
    )
  }
  for (const [key, value] of Object.entries(values)) values[key] = asTyped(value, words)
  return { args, flags: pick(values, command.flags), shared: pick(values, shared), wants }
}

/** Commander knows only texts, so a pattern is given to it as its index and is looked up afterwards. */
function standIns(words: readonly Word[]): string[] {
  return words.map(({ text, glob }, index) =>
    glob === undefined || text.startsWith('-') ? text : `\0${index}`,
  )
}

function wordFor(text: string, words: readonly Word[]): Word {
  const word = text.startsWith('\0') ? words[Number(text.slice(1))] : undefined
  return word ?? { text }
}

/** The value of a flag with the patterns in it as they were typed: a flag's value is never expanded. */
function asTyped(value: FlagValue, words: readonly Word[]): FlagValue {
  if (value === true) return value
  if (typeof value === 'string') return wordFor(value, words).text
  return value.map((each) =>
    typeof each === 'string' ? wordFor(each, words).text : { ...each, text: wordFor(each.text, words).text },
  ) as FlagValue
}

/** `ls [-1alhtSr] …` as it is written: name, then arguments. */
export function usageOf(name: string, command: Command): string {
  const flags = Object.keys(command.flags).length > 0 ? ['[flags]'] : []
  return [
    name,
    ...flags,
    ...(command.usage === undefined ? command.arguments.map(show) : [command.usage]),
  ].join(' ')
}

function show({ name, takes }: Command['arguments'][number]): string {
  return { one: name, maybe: `[${name}]`, some: `${name}…`, any: `[${name}…]` }[takes]
}

/** Throws `usage` if there are too few or too many. */
export function checkArguments(name: string, command: Command, args: readonly string[]): void {
  const needed = command.arguments.filter(({ takes }) => takes === 'one' || takes === 'some')
  const missing = needed[args.length]
  if (missing) throw new FtpError('usage', `${missing.name} is missing: ${usageOf(name, command)}`)
  const endless = command.arguments.some(({ takes }) => takes === 'some' || takes === 'any')
  const extra = endless ? undefined : args[command.arguments.length]
  if (extra !== undefined) {
    throw new FtpError('usage', `'${extra}' is one argument too many: ${usageOf(name, command)}`)
  }
}

function optionOf({ spelling, value, help, repeats }: Flag, nextPosition: () => number): Option {
  const option = new Option(value === undefined ? spelling : `${spelling} <${value}>`, help)
  // Commander would take --no-color for the opposite of a flag --color, and give the value false to that.
  option.negate = false
  if (repeats === true) option.argParser((each: string, earlier: string[] = []) => [...earlier, each])
  if (repeats === 'in-order') {
    option.argParser((text: string, earlier: OrderedValue[] = []) => [
      ...earlier,
      { position: nextPosition(), text },
    ])
  }
  return option
}

function usageError(error: unknown, name: string, command: Command, shared: Flags): unknown {
  if (!(error instanceof CommanderError)) return error
  const flag = /'([^']+)'/.exec(error.message)?.[1] ?? ''
  if (error.code === 'commander.unknownOption') {
    const known = [...Object.values(command.flags), ...Object.values(shared)].flatMap(({ spelling }) =>
      spelling.split(', '),
    )
    const meant = flag.startsWith('--') ? suggest(flag, [...known, '--help']) : undefined
    const fix =
      meant === undefined
        ? `'${name} --help' lists them; a name that begins with a dash is written ./${flag} or after --`
        : `did you mean '${meant}'?`
    return new FtpError('usage', `no flag '${flag}'; ${fix}`)
  }
  if (error.code === 'commander.optionMissingArgument') {
    return new FtpError('usage', `a value is missing after ${flag}`)
  }
  return new FtpError('usage', error.message.replace(/^error: /, ''))
}

function pick(values: Record<string, FlagValue>, flags: Flags): FlagValues {
  return Object.fromEntries(Object.keys(flags).map((key) => [key, values[key]]))
}

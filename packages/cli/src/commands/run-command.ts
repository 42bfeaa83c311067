import { FtpError } from '@jftp/client'
import { exitCodeOf, failuresOf } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { isReaderGone } from '../output/streams.js'
import { applyFlags, globalFlags } from '../settings/global-flags.js'
import type { Command } from './command.js'
import type { CommandEnvironment } from './command-environment.js'
import { parseCommand } from './command-parser.js'
import { requireCommand } from './table.js'

/** A word of a command line; `glob` where it holds unquoted `*`, `?` or `[`. */
export interface Word {
  readonly text: string
  readonly glob?: string
}

export interface CommandOutcome {
  readonly exitCode: number
  /** The command was `exit`. */
  readonly leaves: boolean
}

/** Runs one command by its name: the same way in the shell, in a batch and from argv. Never throws. */
export async function runCommand(
  environment: CommandEnvironment,
  name: string,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { streams, program } = environment
  // A flag may be wrong, and a program that reads JSON must still be told so in JSON.
  const settingsIfRefused = applyFlags(environment.settings, asksForJson(words) ? { json: true } : {})
  let output = new Output(streams, settingsIfRefused, program)
  let leaving: number | undefined
  let failure: unknown
  try {
    const row = requireCommand(name)
    output = new Output(streams, settingsIfRefused, `${program}${row.name}: `)
    const command = await row.load()
    const expanded = await expandWords(environment, command, words, signal)
    const { args, flags, shared, wants } = parseCommand(row.name, command, globalFlags, expanded)
    const settings = applyFlags(environment.settings, shared)
    output = new Output(streams, settings, `${program}${row.name}: `)
    const lastArgument = words.at(-1)?.glob === undefined ? 'typed' : 'expanded'
    const { remote, local, stdin } = environment
    remote.configure(settings)
    if (environment.server === 'from-settings') remote.setDefault(settings.url)
    const leave = (code: number) => {
      leaving = code
    }
    const context = {
      command: name,
      lastArgument,
      stdin,
      remote,
      local,
      output,
      settings,
      signal,
      leave,
    } as const
    if (wants === 'help') await (await requireCommand('help').load()).run(context, [row.name], {})
    else await command.run(context, args, flags)
    await output.flush()
  } catch (error) {
    failure = error
  }
  if (failuresOf(failure).some(isReaderGone)) return { exitCode: 0, leaves: true }
  for (const each of failuresOf(failure)) output.failure(each)
  const exitCode = leaving ?? exitCodeOf(failure)
  output.result(exitCode)
  return { exitCode, leaves: leaving !== undefined }
}

/** Whether --json is among the words; after `--` there are no flags. */
export function asksForJson(words: readonly Word[]): boolean {
  const end = words.findIndex(({ text }) => text === '--')
  return words.slice(0, end < 0 ? undefined : end).some(({ text }) => text === '--json')
}

/** Globs name sources, so they are looked for on the side of the command's first argument. */
async function expandWords(
  environment: CommandEnvironment,
  command: Command,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<string[]> {
  if (words.every(({ glob }) => glob === undefined)) return words.map(({ text }) => text)
  const { expandLocal, expandRemote } = await import('../places/glob.js')
  const [side] = command.arguments[0]?.names[0] ?? []
  const expanded: string[] = []
  for (const { text, glob } of words) {
    if (glob === undefined || (side !== 'local' && side !== 'remote')) {
      expanded.push(text)
      continue
    }
    const found =
      side === 'local'
        ? await expandLocal(glob, environment.local)
        : await expandRemote(glob, environment.remote, signal)
    if (found.length === 0) {
      throw new FtpError(side === 'local' ? 'local-not-found' : 'not-found', 'nothing matches', {
        path: text,
      })
    }
    // A name that begins with a dash is no flag.
    expanded.push(...found.map((path) => (path.startsWith('-') ? `./${path}` : path)))
  }
  return expanded
}

import { closeSync, createWriteStream, openSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { FtpError, fromLocalError } from '@jftp/client'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { type CommandOutcome, runCommand } from '../commands/run-command.js'
import { findCommand } from '../commands/table.js'
import type { Word } from '../commands/word.js'
import { LocalProgram } from '../locations/local-program.js'
import { exitCodeOf } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { OutputStream } from '../output/streams.js'
import { readAlias } from './alias.js'
import { runChain } from './run-chain.js'
import type { FtpStatement, LocalStatement, Redirect } from './statement.js'

/** Runs a command whose answers may go to a local program or file, or a local program alone. Never throws. */
export async function runStatement(
  environment: CommandEnvironment,
  statement: FtpStatement | LocalStatement,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  try {
    if (statement.type === 'local' && environment.liveSettings.current.isDryRun) {
      throw new FtpError('usage', "'!' runs a local program, which -n can't hold back; leave one of them out")
    }
    if (statement.type === 'local') return await runLocal(environment, statement.command, signal)
    const { words, redirect } = statement
    if (redirect === undefined) return await runFirst(environment, words, signal)
    return redirect.type === 'program'
      ? await runIntoProgram(environment, words, redirect, signal)
      : await runIntoFile(environment, words, redirect, signal)
  } catch (error) {
    new Output(environment.streams, environment.liveSettings.current, environment.program).failure(error)
    return { exitCode: exitCodeOf(error), leaves: false }
  }
}

/** Runs a command by its name or what its alias stands for. Never throws. */
export async function runWords(
  environment: CommandEnvironment,
  name: string,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { aliases, openAliases, liveSettings, streams, program } = environment
  const text = aliases.get(name)
  const isOpen = openAliases.includes(name)
  if (text === undefined || (isOpen && findCommand(name) !== undefined)) {
    return runCommand(environment, name, words, signal)
  }
  try {
    if (isOpen)
      throw new FtpError('usage', `the alias '${openAliases[0]}' leads back to '${name}'; 'alias' lists them`)
    const statements = readAlias(name, text, words)
    const inside = { ...environment, openAliases: [...openAliases, name] }
    return await runChain(statements, (statement) => runStatement(inside, statement, signal))
  } catch (error) {
    const output = new Output(streams, liveSettings.current, program)
    output.failure(error)
    const exitCode = exitCodeOf(error)
    output.result(exitCode)
    return { exitCode, leaves: false }
  }
}

function runFirst(
  environment: CommandEnvironment,
  [first, ...words]: readonly Word[],
  signal: AbortSignal,
): Promise<CommandOutcome> {
  return runWords(environment, first?.text ?? '', words, signal)
}

async function runLocal(
  { programInput, local, terminal }: CommandEnvironment,
  command: string,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  return await terminal.take(async () => {
    const program = new LocalProgram({ command, folder: local.path, stdin: programInput })
    return { exitCode: await program.ended(signal), leaves: false }
  })
}

/** Ends as the command did if that failed, else as the program did. */
async function runIntoProgram(
  environment: CommandEnvironment,
  words: readonly Word[],
  { command }: Extract<Redirect, { type: 'program' }>,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  return await environment.terminal.take(async () => {
    const program = new LocalProgram({ command, folder: environment.local.path, stdin: 'pipe' })
    const { stdin } = program.child
    if (stdin === null) throw new Error('the program has no stdin')
    const stdout = new OutputStream(stdin, 'stdout')
    // Bars would be drawn over what the program shows.
    const liveSettings = environment.liveSettings.fork({ progress: 'none' })
    const { exitCode } = await runFirst({ ...redirected(environment, stdout), liveSettings }, words, signal)
    stdin.end()
    const programsCode = await program.ended(signal)
    return { exitCode: exitCode === 0 ? programsCode : exitCode, leaves: false }
  })
}

async function runIntoFile(
  environment: CommandEnvironment,
  words: readonly Word[],
  { path: typed, mode }: Extract<Redirect, { type: 'file' }>,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const path = environment.local.resolve(typed)
  try {
    const fd = openSync(path, mode === 'append' ? 'a' : 'w')
    const stream = createWriteStream(path, { fd, autoClose: false })
    const stdout = new OutputStream(stream, path)
    const { exitCode } = await runFirst(redirected(environment, stdout), words, signal)
    stream.end()
    await finished(stream).catch(() => {})
    closeSync(fd)
    return { exitCode, leaves: false }
  } catch (error) {
    throw fromLocalError(error, path)
  }
}

function redirected(environment: CommandEnvironment, stdout: OutputStream): CommandEnvironment {
  return { ...environment, streams: { ...environment.streams, stdout } }
}

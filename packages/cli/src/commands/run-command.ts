import { FtpError } from '@jftp/client'
import { exitCodeOf, failuresOf, Interrupted, throwFailures } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { isReaderGone } from '../output/streams.js'
import { applyFlags, type GlobalFlags, globalFlags } from '../settings/global-flags.js'
import type { Settings } from '../settings/settings.js'
import type { Command, FlagValues } from './command.js'
import type { CommandEnvironment } from './command-environment.js'
import { checkArguments, parseCommand } from './command-parser.js'
import type { ExpandedArguments } from './expand-globs.js'
import { requireCommand } from './table.js'
import { TimeLimit } from './time-limit.js'
import type { Word } from './word.js'

export interface CommandOutcome {
  readonly exitCode: number
  /** Whether the command was `exit`. */
  readonly leaves: boolean
}

/** The exit code if --max-time ended a command, as that of timeout(1). */
const TIME_UP = 124

/** How long a cancelled command may take to clean up before the user is no longer kept waiting. */
const CLEAN_UP_MS = 3000

/** Runs one command by its name: the same way in the shell, in a batch and from argv. Never throws. */
export async function runCommand(
  environment: CommandEnvironment,
  name: string,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { streams, program } = environment
  // A flag may be wrong, and a program that reads JSON must be told so in JSON.
  const settings = applyFlags(environment.liveSettings.current, asksForJson(words) ? { json: true } : {})
  const run: CommandRun = {
    output: new Output(streams, settings, program),
    leaving: undefined,
    isTimeUp: false,
  }
  let failure: unknown
  try {
    await endWithSignal(execute(run, environment, name, words, signal), signal)
  } catch (error) {
    failure = error
  }
  const { output, leaving } = run
  output.endWait()
  if (failuresOf(failure).some(isReaderGone)) return { exitCode: 0, leaves: true }
  for (const each of failuresOf(failure)) output.failure(each)
  const { reason } = signal
  const interrupted = reason instanceof Interrupted ? reason.exitCode : undefined
  const exitCode = leaving ?? interrupted ?? (run.isTimeUp ? TIME_UP : exitCodeOf(failure))
  output.result(exitCode)
  return { exitCode, leaves: leaving !== undefined }
}

/** Whether --json is among the words; after `--` there are no flags. */
export function asksForJson(words: readonly Word[]): boolean {
  const end = words.findIndex(({ text }) => text === '--')
  return words.slice(0, end < 0 ? undefined : end).some(({ text }) => text === '--json')
}

/** What is known of a command under way, also if it fails. */
interface CommandRun {
  output: Output
  /** The exit code with which the command leaves the shell or the batch. */
  leaving: number | undefined
  /** Whether --max-time ended it. */
  isTimeUp: boolean
}

async function execute(
  run: CommandRun,
  environment: CommandEnvironment,
  name: string,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<void> {
  const { streams, program } = environment
  const row = requireCommand(name)
  run.output.setPrefix(`${program}${row.name}: `)
  const command = await row.load()
  const { args: typed, flags, shared, wants } = parseCommand(row.name, command, globalFlags, words)
  if (environment.server === 'opened') refuseStartFlags(shared)
  const settings = applyFlags(environment.liveSettings.current, shared)
  const output = new Output(streams, settings, `${program}${row.name}: `)
  run.output = output
  if (wants === 'help') {
    const { explain, helpWidth, printHelp } = await import('./help.js')
    return printHelp(output, await explain(row, helpWidth(output)))
  }
  if (settings.isDryRun && command.dryRun === undefined) {
    throw new FtpError('usage', "it can't say what it would change; leave out -n (--dry-run)")
  }
  using limit = new TimeLimit(signal, settings.maxTime)
  try {
    await endWithSignal(
      perform(run, environment, row.name, command, { typed, flags, shared, settings }, limit.signal),
      limit.signal,
    )
  } catch (error) {
    if (!limit.isOver) throw error
    run.isTimeUp = true
    throw new FtpError('timeout', timeUp(command), { cause: error })
  }
}

/** The files are read once, when ftp starts. */
function refuseStartFlags({ config, profile }: FlagValues): void {
  if (config === undefined && profile === undefined) return
  const flag = config === undefined ? '--profile' : '--config'
  throw new FtpError('usage', `${flag} is for the command line that starts ftp; give it before HOST`)
}

function timeUp({ continuedBy }: Command): string {
  const message = 'the time that --max-time allows is over'
  if (continuedBy === undefined) return message
  return `${message}; what came of a large file is kept, and ${continuedBy} goes on with it`
}

interface CheckedCommand {
  readonly typed: readonly Word[]
  readonly flags: FlagValues
  readonly shared: GlobalFlags
  readonly settings: Settings
}

async function perform(
  run: CommandRun,
  environment: CommandEnvironment,
  name: string,
  command: Command,
  { typed, flags, shared, settings }: CheckedCommand,
  signal: AbortSignal,
): Promise<void> {
  const { remote, isStdinTaken } = environment
  const { output } = run
  remote.beginCommand(settings)
  if (environment.server === 'from-settings') await remote.setDefault(settings)
  output.beginWait(() => remote.awaited)
  const { args, isLastExpanded, failure } = await readArguments(environment, command, typed, signal)
  checkArguments(name, command, args)
  const leave = (exitCode: number) => {
    run.leaving = exitCode
  }
  const failures: unknown[] = failure === undefined ? [] : [failure]
  try {
    await command.run(
      {
        ...environment,
        isLastExpanded,
        flags: shared,
        // The password that comes from stdin leaves nothing there for a command.
        isStdinTaken: isStdinTaken || settings.credentials.type === 'password-stdin',
        settings,
        output,
        signal,
        leave,
      },
      args,
      flags,
    )
    await output.flush()
  } catch (error) {
    failures.unshift(...failuresOf(error))
  }
  throwFailures(failures)
}

async function readArguments(
  environment: CommandEnvironment,
  command: Command,
  words: readonly Word[],
  signal: AbortSignal,
): Promise<ExpandedArguments> {
  const isPlain = words.every(({ glob }) => glob === undefined)
  if (isPlain) return { args: words.map(({ text }) => text), isLastExpanded: false, failure: undefined }
  const { expandGlobs } = await import('./expand-globs.js')
  return expandGlobs(environment, command, words, signal)
}

/** Ends as `work` does, but soon after the signal also if `work` does not notice it. */
async function endWithSignal(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let onAbort = () => {}
  const abandoned = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(new FtpError('cancelled', 'cancelled')), CLEAN_UP_MS)
    }
  })
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    await Promise.race([work, abandoned])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

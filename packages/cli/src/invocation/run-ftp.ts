import { setMaxListeners } from 'node:events'
import { FtpError } from '@jftp/client'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { asksForJson, runCommand } from '../commands/run-command.js'
import { wordOfArgv } from '../commands/word.js'
import { JobTable } from '../jobs/job-table.js'
import { Certificates } from '../locations/certificates.js'
import { Credentials } from '../locations/credentials.js'
import { LocalFolder } from '../locations/local-folder.js'
import { RemoteSession } from '../locations/remote-session.js'
import { SshIdentities } from '../locations/ssh-identities.js'
import { TerminalTurns } from '../locations/terminal-turns.js'
import { exitCodeOf } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { isReaderGone, type Streams, standardStreams } from '../output/streams.js'
import { readSettings } from '../settings/global-flags.js'
import type { Settings } from '../settings/settings.js'
import { Interruption } from './interruption.js'
import { type Invocation, readInvocation } from './invocation.js'

type InvocationOf<T extends Invocation['type']> = Extract<Invocation, { type: T }>

/** Does what argv asks for. Resolves with the exit code when all output has left the process. */
export async function runFtp(argv: readonly string[]): Promise<number> {
  const streams = standardStreams()
  try {
    const exitCode = await run(readInvocation(argv), streams, process.env)
    // A command that failed has already said why.
    if (exitCode !== 0) await streams.stdout.flush().catch(() => {})
    else await streams.stdout.flush()
    return exitCode
  } catch (error) {
    if (isReaderGone(error)) return 0
    return await reportFailure(error, argv, streams)
  } finally {
    await streams.stderr.flush().catch(() => {})
  }
}

async function reportFailure(error: unknown, argv: readonly string[], streams: Streams): Promise<number> {
  const isJson = asksForJson(argv.map((text) => ({ text })))
  const output = new Output(streams, readSettings(isJson ? { json: true } : {}, {}), 'ftp: ')
  output.failure(error)
  const exitCode = exitCodeOf(error)
  output.result(exitCode)
  await output.flush().catch(() => {})
  return exitCode
}

function run(invocation: Invocation, streams: Streams, env: NodeJS.ProcessEnv): Promise<number> {
  switch (invocation.type) {
    case 'version':
      return printVersion(invocation, streams)
    case 'help':
      return printOverview(invocation, streams)
    case 'command':
      return runOne(invocation, streams, env)
    case 'batch':
      return runLines(invocation, invocation.lines, streams, env)
    case 'shell':
      return process.stdin.isTTY && process.stdout.isTTY && !invocation.flags.json
        ? runTerminal(invocation, streams, env)
        : runLines(invocation, linesOf(process.stdin), streams, env)
  }
}

async function printVersion({ flags }: InvocationOf<'version'>, streams: Streams): Promise<number> {
  const { productVersion, versionNumber } = await import('../product-version.js')
  const output = new Output(streams, readSettings(flags, {}), 'ftp: ')
  await output.answer(productVersion())
  await output.event({ v: 1, event: 'version', version: versionNumber() })
  output.result(0)
  return 0
}

async function printOverview({ flags }: InvocationOf<'help'>, streams: Streams): Promise<number> {
  const [{ ftpHelp }, { printHelp }] = await Promise.all([
    import('./ftp-help.js'),
    import('../commands/help.js'),
  ])
  const output = new Output(streams, readSettings(flags, {}), 'ftp: ')
  await printHelp(output, ftpHelp())
  output.result(0)
  return 0
}

async function runOne(
  { name, words }: InvocationOf<'command'>,
  streams: Streams,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const environment = createEnvironment(streams, readSettings({}, env), {
    source: 'argv',
    isStdinTaken: false,
  })
  using interruption = new Interruption()
  const { exitCode } = await runCommand(environment, name, words.map(wordOfArgv), interruption.signal)
  await environment.remote.close()
  return interruption.exitCode ?? exitCode
}

async function runLines(
  { type, flags, server }: InvocationOf<'batch'> | InvocationOf<'shell'>,
  lines: Iterable<string> | AsyncIterable<string>,
  streams: Streams,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const [{ runBatch }, { openFirst }] = await Promise.all([
    import('../shell/batch.js'),
    import('./open-first.js'),
  ])
  const isStdinTaken = type !== 'batch'
  const environment = createEnvironment(streams, readSettings(flags, env), { source: 'lines', isStdinTaken })
  using interruption = new Interruption()
  await openFirst(environment, server, interruption.signal)
  const exitCode = await runBatch(environment, lines, interruption.signal)
  await environment.remote.close()
  return interruption.exitCode ?? exitCode
}

async function runTerminal(
  { flags, server }: InvocationOf<'shell'>,
  streams: Streams,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const [{ runShell }, { openFirst }] = await Promise.all([
    import('../shell/shell.js'),
    import('./open-first.js'),
  ])
  const environment = createEnvironment(streams, readSettings(flags, env), {
    source: 'terminal',
    isStdinTaken: true,
  })
  {
    using interruption = new Interruption()
    await openFirst(environment, server, interruption.signal)
  }
  const exitCode = await runShell(environment, env)
  await environment.remote.close()
  return exitCode
}

const HINTS = {
  argv: 'write a URL (jftp://host/path), or give the server with --url or $FTP_URL',
  lines: 'open one first: open jftp://host',
} as const

/** Where the commands come from, and whether that takes stdin. */
interface CommandSource {
  readonly source: 'argv' | 'lines' | 'terminal'
  readonly isStdinTaken: boolean
}

function createEnvironment(
  streams: Streams,
  settings: Settings,
  { source, isStdinTaken }: CommandSource,
): CommandEnvironment {
  const isOne = source === 'argv'
  const terminal = new TerminalTurns()
  const remote = new RemoteSession({
    credentials: new Credentials(terminal, new SshIdentities(terminal, process.env)),
    certificates: new Certificates(terminal, process.env),
    hint: isOne ? HINTS.argv : HINTS.lines,
    onNews: (message) => {
      if (settings.verbosity !== 'quiet') streams.stderr.writeNow(`${message}\n`)
    },
  })
  return {
    remote,
    local: new LocalFolder(process.cwd()),
    terminal,
    server: isOne ? 'from-settings' : 'opened',
    streams,
    isStdinTaken,
    // A program must not read the lines of the batch.
    programInput: source === 'lines' && isStdinTaken ? 'ignore' : 'inherit',
    settings,
    jobs: new JobTable(),
    history: [],
    scriptDepth: 0,
    runLines: runScript,
    program: source === 'terminal' ? '' : 'ftp: ',
  }
}

async function* linesOf(stdin: NodeJS.ReadStream): AsyncGenerator<string> {
  const { createInterface } = await import('node:readline')
  yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
}

/** How many scripts may run one another. */
const MAX_SCRIPT_DEPTH = 8

/** Runs a script that a command names. */
async function runScript(
  environment: CommandEnvironment,
  lines: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<number> {
  const scriptDepth = environment.scriptDepth + 1
  if (scriptDepth > MAX_SCRIPT_DEPTH) {
    throw new FtpError('usage', `more than ${MAX_SCRIPT_DEPTH} scripts run one another`)
  }
  const { runBatch } = await import('../shell/batch.js')
  // Each script listens for Ctrl-C.
  setMaxListeners(100, signal)
  // It waits for its own jobs, and not for those of whoever runs it.
  const jobs = environment.jobs && new JobTable()
  return await runBatch({ ...environment, jobs, scriptDepth }, lines, signal)
}

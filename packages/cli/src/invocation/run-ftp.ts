import { asksForJson, runCommand } from '../commands/run-command.js'
import { wordOfArgv } from '../commands/word.js'
import { exitCodeOf } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { isReaderGone, type Streams, standardStreams } from '../output/streams.js'
import type { GlobalFlags } from '../settings/global-flags.js'
import type { Settings } from '../settings/settings.js'
import { readSettingsFiles, type SettingsFiles } from '../settings/settings-files.js'
import { foldLayers, layerOfFlags } from '../settings/settings-layer.js'
import { createEnvironment, type Start } from './create-environment.js'
import { Interruption } from './interruption.js'
import { type Invocation, readInvocation, startFlags } from './invocation.js'

type InvocationOf<T extends Invocation['type']> = Extract<Invocation, { type: T }>

/** Does what argv asks for. Resolves with the exit code when all output has left the process. */
export async function runFtp(argv: readonly string[]): Promise<number> {
  const streams = standardStreams()
  try {
    const exitCode = await run(argv, streams, process.env)
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
  const output = new Output(streams, settingsOf(isJson ? { json: true } : {}), 'ftp: ')
  output.failure(error)
  const exitCode = exitCodeOf(error)
  output.result(exitCode)
  await output.flush().catch(() => {})
  return exitCode
}

async function run(argv: readonly string[], streams: Streams, env: NodeJS.ProcessEnv): Promise<number> {
  const files = await readFiles(argv, env)
  const invocation = readInvocation(argv, files.type === 'read' ? files.aliases.keys() : [])
  switch (invocation.type) {
    case 'version':
      return printVersion(invocation, streams)
    case 'help':
      return printOverview(invocation, streams)
  }
  if (files.type === 'wrong') throw files.error
  const start = { streams, env, files }
  switch (invocation.type) {
    case 'command':
    case 'alias':
      return runOne(invocation, start)
    case 'batch':
      return runLines(invocation, invocation.lines, start)
    case 'shell':
      return process.stdin.isTTY && process.stdout.isTTY && !invocation.flags.json
        ? runTerminal(invocation, start)
        : runLines(invocation, linesOf(process.stdin), start)
  }
}

/** Help is there also if a configuration file is wrong, so that is not thrown here. */
async function readFiles(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<({ type: 'read' } & SettingsFiles) | { type: 'wrong'; error: unknown }> {
  try {
    const { config, profile } = startFlags(argv)
    const files = await readSettingsFiles({
      config: config ?? (env['FTP_CONFIG'] || undefined),
      profile: profile ?? (env['FTP_PROFILE'] || undefined),
      folder: process.cwd(),
      env,
    })
    return { type: 'read', ...files }
  } catch (error) {
    return { type: 'wrong', error }
  }
}

function settingsOf(flags: GlobalFlags): Settings {
  return foldLayers([layerOfFlags(flags)])
}

async function printVersion({ flags }: InvocationOf<'version'>, streams: Streams): Promise<number> {
  const { productVersion, versionNumber } = await import('../product-version.js')
  const output = new Output(streams, settingsOf(flags), 'ftp: ')
  await output.answer(productVersion())
  await output.event({ v: 1, event: 'version', version: versionNumber() })
  output.result(0)
  return 0
}

async function printOverview({ flags }: InvocationOf<'help'>, streams: Streams): Promise<number> {
  const [{ ftpHelp }, { helpWidth, printHelp }] = await Promise.all([
    import('./ftp-help.js'),
    import('../commands/help.js'),
  ])
  const output = new Output(streams, settingsOf(flags), 'ftp: ')
  await printHelp(output, ftpHelp(helpWidth(output)))
  output.result(0)
  return 0
}

async function runOne(
  { type, name, words }: InvocationOf<'command'> | InvocationOf<'alias'>,
  start: Start,
): Promise<number> {
  const environment = createEnvironment(start, {}, { source: 'argv', isStdinTaken: false })
  using interruption = new Interruption()
  const run = type === 'alias' ? (await import('../shell/run-statement.js')).runWords : runCommand
  const { exitCode } = await run(environment, name, words.map(wordOfArgv), interruption.signal)
  await environment.remote.close()
  return interruption.exitCode ?? exitCode
}

async function runLines(
  { type, flags, server }: InvocationOf<'batch'> | InvocationOf<'shell'>,
  lines: Iterable<string> | AsyncIterable<string>,
  start: Start,
): Promise<number> {
  const [{ runBatch }, { openFirst }] = await Promise.all([
    import('../shell/batch.js'),
    import('./open-first.js'),
  ])
  const isStdinTaken = type !== 'batch'
  const environment = createEnvironment(start, flags, { source: 'lines', isStdinTaken })
  using interruption = new Interruption()
  await openFirst(environment, server, interruption.signal)
  const exitCode = await runBatch(environment, lines, interruption.signal)
  await environment.remote.close()
  return interruption.exitCode ?? exitCode
}

async function runTerminal({ flags, server }: InvocationOf<'shell'>, start: Start): Promise<number> {
  const [{ runShell }, { openFirst }] = await Promise.all([
    import('../shell/shell.js'),
    import('./open-first.js'),
  ])
  const environment = createEnvironment(start, flags, { source: 'terminal', isStdinTaken: true })
  {
    using interruption = new Interruption()
    await openFirst(environment, server, interruption.signal)
  }
  const exitCode = await runShell(environment, start.env)
  await environment.remote.close()
  return exitCode
}

async function* linesOf(stdin: NodeJS.ReadStream): AsyncGenerator<string> {
  const { createInterface } = await import('node:readline')
  yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
}

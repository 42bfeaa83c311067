import type { CommandEnvironment } from '../commands/command-environment.js'
import { runCommand } from '../commands/run-command.js'
import { exitCodeOf } from '../output/exit-code.js'
import { describe } from '../output/output.js'
import { type Streams, standardStreams } from '../output/streams.js'
import { LocalFolder } from '../places/local-folder.js'
import { RemoteSession } from '../places/remote-session.js'
import { productVersion } from '../product-version.js'
import { readSettings } from '../settings/global-flags.js'
import type { Settings } from '../settings/settings.js'
import { Interruption } from './interruption.js'
import { type Invocation, readInvocation } from './invocation.js'

/** Does what argv asks for. Resolves with the exit code when all output has left the process. */
export async function runFtp(argv: readonly string[]): Promise<number> {
  const streams = standardStreams()
  let exitCode: number
  try {
    exitCode = await run(readInvocation(argv), streams, process.env)
  } catch (error) {
    streams.stderr.writeNow(`ftp: ${describe(error)}\n`)
    exitCode = exitCodeOf(error)
  }
  await Promise.all([streams.stdout.flush(), streams.stderr.flush()])
  return exitCode
}

async function run(invocation: Invocation, streams: Streams, env: NodeJS.ProcessEnv): Promise<number> {
  switch (invocation.type) {
    case 'version':
      await streams.stdout.write(`${productVersion()}\n`)
      return 0
    case 'help': {
      const { ftpHelp } = await import('./ftp-help.js')
      await streams.stdout.write(`${ftpHelp().join('\n')}\n`)
      return 0
    }
    case 'command':
      return runOne(invocation, streams, env)
    case 'batch':
      return runLines(invocation, [invocation.text], streams, env)
    case 'shell':
      return process.stdin.isTTY && process.stdout.isTTY
        ? runTerminal(invocation, streams, env)
        : runLines(invocation, linesOf(process.stdin), streams, env)
  }
}

type Of<K extends Invocation['type']> = Extract<Invocation, { type: K }>

const HINTS = {
  argv: 'write a URL (jftp://host/path), or give the server with --url or $FTP_URL',
  lines: 'open one first: open jftp://host',
} as const

async function runOne(
  { name, words }: Of<'command'>,
  streams: Streams,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const environment = createEnvironment(streams, readSettings({}, env), 'argv', 'free')
  using interruption = new Interruption()
  const { exitCode } = await runCommand(
    environment,
    name,
    words.map((text) => ({ text })),
    interruption.signal,
  )
  await environment.remote.close()
  return interruption.exitCode ?? exitCode
}

async function runLines(
  { type, flags, url }: Of<'batch'> | Of<'shell'>,
  lines: Iterable<string> | AsyncIterable<string>,
  streams: Streams,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const { runBatch } = await import('../shell/batch.js')
  const environment = createEnvironment(
    streams,
    readSettings(flags, env),
    'lines',
    type === 'batch' ? 'free' : 'taken',
  )
  using interruption = new Interruption()
  await openFirst(environment, url, interruption.signal)
  const exitCode = await runBatch(environment, lines, interruption.signal)
  await environment.remote.close()
  return interruption.exitCode ?? exitCode
}

async function runTerminal(
  { flags, url }: Of<'shell'>,
  streams: Streams,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const { runShell } = await import('../shell/shell.js')
  const environment = createEnvironment(streams, readSettings(flags, env), 'terminal', 'taken')
  {
    using interruption = new Interruption()
    await openFirst(environment, url, interruption.signal)
  }
  const exitCode = await runShell(environment, env)
  await environment.remote.close()
  return exitCode
}

/** A server named on the command line is there before the first command, or nothing runs. */
async function openFirst(
  environment: CommandEnvironment,
  url: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const first = url ?? environment.settings.url
  environment.remote.configure(environment.settings)
  if (first !== undefined) await environment.remote.open(first, signal)
}

function createEnvironment(
  streams: Streams,
  settings: Settings,
  commandsFrom: 'argv' | 'lines' | 'terminal',
  stdin: CommandEnvironment['stdin'],
): CommandEnvironment {
  const isOne = commandsFrom === 'argv'
  const remote = new RemoteSession({
    hint: isOne ? HINTS.argv : HINTS.lines,
    onReopened: (message) => {
      if (settings.verbosity !== 'quiet') streams.stderr.writeNow(`${message}\n`)
    },
  })
  return {
    remote,
    local: new LocalFolder(process.cwd()),
    server: isOne ? 'from-settings' : 'opened',
    streams,
    stdin,
    settings,
    program: commandsFrom === 'terminal' ? '' : 'ftp: ',
  }
}

async function* linesOf(stdin: NodeJS.ReadStream): AsyncGenerator<string> {
  const { createInterface } = await import('node:readline')
  yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
}

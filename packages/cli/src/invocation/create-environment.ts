import { setMaxListeners } from 'node:events'
import { FtpError } from '@jftp/client'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { JobTable } from '../jobs/job-table.js'
import { Bookmarks } from '../locations/bookmarks.js'
import { Certificates } from '../locations/certificates.js'
import { Credentials } from '../locations/credentials.js'
import { LocalFolder } from '../locations/local-folder.js'
import { Netrc } from '../locations/netrc.js'
import { RemoteSession } from '../locations/remote-session.js'
import { SshIdentities } from '../locations/ssh-identities.js'
import { TerminalTurns } from '../locations/terminal-turns.js'
import type { Streams } from '../output/streams.js'
import { Aliases } from '../settings/aliases.js'
import { credentialsOfEnvironment } from '../settings/credential-settings.js'
import type { GlobalFlags } from '../settings/global-flags.js'
import { LiveSettings } from '../settings/live-settings.js'
import type { SettingsFiles } from '../settings/settings-files.js'
import { layerOfEnvironment, layerOfFlags } from '../settings/settings-layer.js'

/** Where the commands come from, and whether that takes stdin. */
export interface CommandSource {
  readonly source: 'argv' | 'lines' | 'terminal'
  readonly isStdinTaken: boolean
}

/** What ftp is started with. */
export interface Start {
  readonly streams: Streams
  readonly env: NodeJS.ProcessEnv
  readonly files: SettingsFiles
}

/** What the commands of this start of ftp share. `flags` are those that stand before all commands. */
export function createEnvironment(
  { streams, env, files }: Start,
  flags: GlobalFlags,
  { source, isStdinTaken }: CommandSource,
): CommandEnvironment {
  const liveSettings = new LiveSettings([
    ...files.layers,
    layerOfEnvironment(env, credentialsOfEnvironment(env)),
    layerOfFlags(flags),
  ])
  const isOne = source === 'argv'
  const terminal = new TerminalTurns()
  const bookmarks = new Bookmarks(env)
  const remote = new RemoteSession({
    credentials: new Credentials(terminal, new SshIdentities(terminal, env), new Netrc(env)),
    certificates: new Certificates(terminal, env),
    bookmarks,
    hint: isOne ? HINTS.argv : HINTS.lines,
    onNews: (message) => streams.stderr.writeNow(`${message}\n`),
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
    liveSettings,
    aliases: new Aliases(files.aliases),
    openAliases: [],
    bookmarks,
    jobs: new JobTable(),
    history: [],
    scriptDepth: 0,
    runLines: runScript,
    program: source === 'terminal' ? '' : 'ftp: ',
  }
}

const HINTS = {
  argv: 'write a URL (jftp://host/path), or give the server with --url or $FTP_URL',
  lines: 'open one first: open jftp://host',
} as const

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

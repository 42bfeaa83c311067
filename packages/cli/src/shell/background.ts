import { FtpError } from '@jftp/client'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { JobOutput } from '../jobs/job-output.js'
import type { Job } from '../jobs/job-table.js'
import { LocalFolder } from '../locations/local-folder.js'
import { TerminalTurns } from '../locations/terminal-turns.js'
import { runChain } from './run-chain.js'
import { runStatement } from './run-statement.js'
import type { Chain } from './statement.js'

/** Starts commands in the background: in the same folders, on a connection of their own, and with no bars. */
export function startJob(environment: CommandEnvironment, { statements, source }: Chain): Job {
  const { jobs, remote, local, liveSettings, aliases } = environment
  if (jobs === undefined) throw new FtpError('usage', "a job can't start another one")
  const output = new JobOutput()
  const streams = output.streams()
  const own = remote.fork((message) => streams.stderr.writeNow(`${message}\n`))
  const jobEnvironment: CommandEnvironment = {
    ...environment,
    remote: own,
    local: new LocalFolder(local.path),
    streams,
    isStdinTaken: true,
    programInput: 'ignore',
    jobs: undefined,
    watchTransfers: (board) => output.watch(board),
    terminal: new TerminalTurns(),
    // Nobody can be asked for a password, but one that was typed before is known.
    liveSettings: liveSettings.fork({ progress: 'none', input: 'never-ask' }),
    aliases: aliases.fork(),
  }
  return jobs.start(source, output, async (signal) => {
    try {
      const { exitCode } = await runChain(statements, async (statement) =>
        signal.aborted ? { exitCode: 130, leaves: true } : runStatement(jobEnvironment, statement, signal),
      )
      return exitCode
    } finally {
      await own.close()
    }
  })
}

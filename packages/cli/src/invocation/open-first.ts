import { FtpError } from '@jftp/client'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { commandNames } from '../commands/table.js'
import { Output } from '../output/output.js'
import { suggest } from '../text/suggestion.js'
import { isHostLike } from './invocation.js'

/** Opens the server that the command line or the settings name before any command runs. Throws if it can't. */
export async function openFirst(
  { remote, liveSettings, streams, program }: CommandEnvironment,
  server: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const settings = liveSettings.current
  remote.beginCommand(settings)
  if (server === undefined && settings.url === undefined) return
  const output = new Output(streams, settings, program)
  output.beginWait(() => remote.awaited)
  try {
    await (server === undefined ? remote.openSetting(settings, signal) : remote.open(server, signal))
  } catch (error) {
    const isUnknown = error instanceof FtpError && error.code === 'unknown-host'
    throw isUnknown && server !== undefined && !isHostLike(server) ? neitherNorHost(server, error) : error
  } finally {
    output.endWait()
  }
}

/** `ftp puut` may be a mistyped command, and `ftp nas` a host that is not known. */
function neitherNorHost(word: string, cause: FtpError): FtpError {
  const command = suggest(word, commandNames())
  const fix =
    command === undefined ? "check the host's name, or see 'ftp --help'" : `did you mean 'ftp ${command}'?`
  // A script should try again if a host is not found, but not if a command is misspelt.
  const code = command === undefined ? 'unknown-host' : 'usage'
  return new FtpError(code, `'${word}' is neither a command nor a host that can be found; ${fix}`, { cause })
}

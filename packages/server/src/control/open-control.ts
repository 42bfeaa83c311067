import { printable } from '@jftp/protocol'
import type { DaemonConfig } from '../cli/config.js'
import type { Log } from '../log.js'
import { controlFolder, ownControlSocket } from './control-folder.js'
import { ControlServer, type Controls } from './control-server.js'

/**
 * Opens the control socket that the configuration names. If the operator has named none and there is no good place for
 * one, ftpd runs without, and the log says so. Throws the system's error if it can't listen where it was told to.
 */
export async function openControl(
  config: DaemonConfig['control'],
  controls: Controls,
  log: Log,
): Promise<ControlServer | undefined> {
  if (config.type === 'none') return undefined
  if (config.type === 'path') return await ControlServer.listen(config.path, controls)
  try {
    return await ControlServer.listen(await ownControlSocket(controlFolder(process.env)), controls)
  } catch (error) {
    log.warn(
      { type: 'no-control', err: error },
      `ftpd status and ftpd kick will not work: ${printable(String(error))}; name a socket with --control`,
    )
    return undefined
  }
}

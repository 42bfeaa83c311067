import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OneOffRequest } from '@jftp/protocol'
import { createToken } from '../accounts/token.js'
import { type DaemonConfig, resolveConfig } from '../cli/config.js'
import { type Daemon, startDaemon } from '../daemon.js'
import type { Log } from '../log.js'
import { writePrivateFile } from '../private-file.js'
import { sweepPartials } from '../storage/partial-folder.js'
import { RESERVED_NAME } from '../storage/path-walk.js'
import { removeStaging } from '../storage/staging-sweep.js'
import type { SharePlan } from './share-plan.js'

/** Sessions that do nothing end after this many seconds, because the server waits for its last visitor to leave. */
const IDLE_SECONDS = 60

/** More than a client has that shares its files among connections. */
const MAX_CONNECTIONS = 256

/** An ftpd with TLS and one token, which is made for one transfer and leaves nothing behind. */
export interface OneOffServer {
  readonly daemon: Daemon
  readonly token: string
  /** Cuts off what is under way. */
  stop(): Promise<void>
}

/** `plan`: what is shared; undefined if files are received. Throws what startDaemon and resolveConfig throw. */
export async function startOneOffServer(
  request: OneOffRequest,
  plan: SharePlan | undefined,
  log: Log,
): Promise<OneOffServer> {
  // The users and the certificate are read once, so the folder with them is gone before anybody can connect.
  const folder = await mkdtemp(join(tmpdir(), 'jftp-one-off-'))
  try {
    const root = request.type === 'receive' ? realpathSync(request.folder) : folder
    const hadReserved = existsSync(join(root, RESERVED_NAME))
    const { secret, record } = createToken()
    const config = await configure(request, root, folder)
    await writePrivateFile(config.accounts.usersFile, usersWith(request, record))
    const daemon = await startDaemon({ ...config, shared: plan?.shared }, log)
    return {
      daemon,
      token: secret,
      async stop() {
        await daemon.stop(0)
        // What is kept of an upload that was cut is of no use without the server. Another one may serve the folder too.
        if (request.type === 'share' || hadReserved) return
        sweepPartials(root, 0)
        await removeStaging(root)
      },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function configure({ host, port }: OneOffRequest, root: string, folder: string): Promise<DaemonConfig> {
  const config = await resolveConfig({
    ...{ root, host, port: String(port), tls: 'auto', anonymous: 'none' },
    users: join(folder, 'users.json'),
    workers: String(Math.min(2, availableParallelism())),
    idleTimeout: String(IDLE_SECONDS),
    maxConnections: String(MAX_CONNECTIONS),
    keepDigests: false,
    control: 'none',
    logFormat: 'json',
  })
  return { ...config, tls: { type: 'auto', file: join(folder, 'certificate.pem') } }
}

/** The only user. To receive, new names may be made, and nothing that is there can be seen or changed. */
function usersWith({ type }: OneOffRequest, token: { id: string; hash: string }): string {
  const allows = type === 'share' ? ['list', 'read'] : ['write']
  const user = { name: type, permissions: [{ path: '/', allows }], tokens: [token] }
  return JSON.stringify({ version: 1, users: [user] })
}

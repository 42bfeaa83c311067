import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { DAEMON_ID, isInSight, OWN_ID, runsInSight } from './daemon-id.js'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { RESERVED_NAME } from './path-walk.js'
import { makeReservedTop } from './reserved-folder.js'

const NAME = new RegExp(`^alive-(${DAEMON_ID.source})$`)

/** Without a socket nobody knows whether a daemon runs. If nothing has changed for a day, it is taken for dead. In ms. */
const QUIET_TIME = 86_400_000

/**
 * A Unix socket in `ROOT/.jftp` by which daemons in other containers see that this one runs: they can connect to it as
 * long as its process is there, also while that is stopped. It carries no bytes.
 */
export class LifeSign {
  readonly #folder: Folder
  readonly #server: Server

  private constructor(folder: Folder, server: Server) {
    this.#folder = folder
    this.#server = server
  }

  /** Removes those of daemons that have ended, too. Resolves to undefined if there can be none under this root. */
  static async give(root: string): Promise<LifeSign | undefined> {
    let folder: Folder | undefined
    try {
      folder = makeReservedTop(root)
      await removeOldSigns(folder)
      const server = createServer((socket) => socket.destroy())
      await listen(server.unref(), folder.child(`alive-${OWN_ID}`))
      return new LifeSign(folder, server)
    } catch {
      // The root can't be written to, or its file system has no sockets. Then each daemon looks for processes.
      folder?.close()
      return undefined
    }
  }

  async end(): Promise<void> {
    // This also removes the socket.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#folder.close()
  }
}

/** Whether the daemon that has marked its files with `id` runs. `files`: the path of one of its files or folders. */
export async function isRunning(root: string, id: string, files: string): Promise<boolean> {
  if (isInSight(id)) return runsInSight(id)
  let reserved: Folder
  try {
    reserved = openFolder(join(root, RESERVED_NAME))
  } catch {
    return true
  }
  try {
    const found = await knock(reserved.child(`alive-${id}`))
    if (found !== 'nothing there') return found === 'alive'
    const changed = lstatSync(files, { throwIfNoEntry: false })?.mtimeMs ?? 0
    return Date.now() - changed < QUIET_TIME
  } finally {
    reserved.close()
  }
}

async function removeOldSigns(folder: Folder): Promise<void> {
  for (const name of readdirSync(folder.self)) {
    const [, id] = NAME.exec(name) ?? []
    if (id === undefined) continue
    const isOld = id === OWN_ID || (await knock(folder.child(name))) === 'dead'
    if (isOld) rmSync(folder.child(name), { force: true })
  }
}

/** Only what is certain is called dead. */
function knock(path: string): Promise<'alive' | 'dead' | 'nothing there'> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve('alive')
    })
    socket.on('error', (error) => {
      const errno = errnoOf(error)
      resolve(errno === 'ECONNREFUSED' ? 'dead' : errno === 'ENOENT' ? 'nothing there' : 'alive')
    })
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The listener stays, because the server may also fail to accept a connection later, which must not end ftpd.
    server.on('error', reject)
    server.listen(path, resolve)
  })
}

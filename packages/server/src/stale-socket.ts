import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * Removes the socket of a daemon that was killed: nobody answers there. Anything else under that name is left
 * alone, and listening there fails and says why.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  if (isSocket(path) && (await isRefused(path))) unlinkSync(path)
}

/** False as well if the path can't be looked at: listening tells the cause. */
function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket()
  } catch {
    return false
  }
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}

import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * Removes the socket a daemon left behind that was killed: a file of that kind to which nobody answers.
 * Anything else under that name is left alone, and listening there fails as it should.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  if (await isRefused(path)) unlinkSync(path)
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

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_TIMEOUT = 10_000

/** A port that was free a moment ago, for servers that can't pick one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Waits until this server listens on the port. */
export async function untilListening(server: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`the server ended with exit code ${server.exitCode}`)
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port}`)
    await sleep(50)
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

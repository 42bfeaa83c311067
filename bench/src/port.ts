import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_TIMEOUT = 10_000

/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = '0A'

/** A port that was free a moment ago, for servers that can't pick one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Waits until this server listens on the port, in whichever network namespace it is. */
export async function untilListening(server: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT
  while (!isListening(server.pid, port)) {
    if (server.exitCode !== null) throw new Error(`the server ended with exit code ${server.exitCode}`)
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port}`)
    await sleep(50)
  }
}

function isListening(pid: number | undefined, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .some((line) => {
      const [, local, , state] = line.trim().split(/\s+/)
      return local?.endsWith(suffix) === true && state === LISTENING
    })
}

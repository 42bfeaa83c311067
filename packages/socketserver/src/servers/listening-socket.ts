import cluster from 'node:cluster'
import { lookup } from 'node:dns/promises'
import net, { isIP, type ListenOptions, type Server } from 'node:net'
import { getSystemErrorMap, getSystemErrorName } from 'node:util'

/** The undocumented parts of Node that this file uses. */
interface Handle {
  readonly fd: number
  open(descriptor: number): number
  readStart(): number
  readStop(): number
}

interface Internals {
  _createServerHandle?(
    address: string,
    port: number,
    type: number,
    fd: undefined,
    flags: number,
  ): Handle | number
}

interface ServerInternals {
  _handle?: Handle | null
  _listen2?(address: string, port: number, type: number, backlog: number | undefined): void
}

const IPV6_ONLY = 1
const REUSE_PORT = 2

/**
 * A listening socket that can stop accepting, so that connections wait in the kernel's queue. Node has no call for
 * that, but libuv uses one watcher both for reading and for accepting. `readStop` removes this watcher from the event
 * loop, and `readStart` adds it again if the handle is marked as readable. Calling `open` with the handle's own
 * descriptor marks it; that is only possible between binding and listening. If Node lacks one of these functions,
 * accepting never pauses.
 */
export class ListeningSocket {
  readonly #server: Server & ServerInternals
  /** Whether `resume` has called `readStart`. A second call in a row would fail. */
  #isStarted = false
  /** Keeps the process alive while accepting is paused and nothing else does. */
  #keepAlive: NodeJS.Timeout | undefined

  constructor(server: Server) {
    this.#server = server as Server & ServerInternals
  }

  get isPaused(): boolean {
    return this.#keepAlive !== undefined
  }

  /** Binds and listens. Rejects with the same errors as Node. */
  async listen(options: ListenOptions): Promise<void> {
    const begin = await this.#beginning(options)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.once('listening', () => {
        this.#server.off('error', reject)
        resolve()
      })
      begin()
    })
  }

  pause(): void {
    const handle = this.#server._handle
    if (this.isPaused || typeof handle?.readStart !== 'function') return
    // If the handle is not marked as readable, this call fails and accepting goes on.
    if (!this.#isStarted && handle.readStart() !== 0) return
    handle.readStop()
    this.#isStarted = false
    this.#keepAlive = setInterval(ignore, 60_000)
  }

  resume(): void {
    if (!this.isPaused) return
    this.close()
    this.#server._handle?.readStart()
    this.#isStarted = true
  }

  /** Must be called before the server is closed. */
  close(): void {
    clearInterval(this.#keepAlive)
    this.#keepAlive = undefined
  }

  /** Resolves names first, so that the returned function can bind and listen at once. */
  async #beginning(options: ListenOptions): Promise<() => void> {
    const create = (net as unknown as Internals)._createServerHandle
    const listen = this.#server._listen2
    const inPublic = () => void this.#server.listen(options)
    if ('fd' in options || cluster.isWorker || !create || !listen) return inPublic
    const { host, port = 0, path, backlog } = options
    if (path === undefined && !host) return inPublic
    const address = path ?? (await numeric(host as string, options.ipv6Only === true ? 6 : 0))
    const number = path === undefined ? port : -1
    const type = path === undefined ? isIP(address) : -1
    const flags = (options.ipv6Only ? IPV6_ONLY : 0) + ('reusePort' in options ? REUSE_PORT : 0)
    return () => {
      const handle = create(address, number, type, undefined, flags)
      if (typeof handle === 'number') throw listenError(handle, address, number)
      handle.open(handle.fd)
      this.#server._handle = handle
      listen.call(this.#server, address, number, type, backlog)
    }
  }
}

async function numeric(host: string, family: 0 | 6): Promise<string> {
  if (isIP(host)) return host
  const { address } = await lookup(host, { family })
  return address
}

/** Makes the same error that Node makes. */
function listenError(number: number, address: string, port: number): Error {
  const code = getSystemErrorName(number)
  const [, meaning = ''] = getSystemErrorMap().get(number) ?? []
  const where = port < 0 ? address : `${address}:${port}`
  const details = { errno: number, code, syscall: 'listen', address, ...(port >= 0 && { port }) }
  return Object.assign(new Error(`listen ${code}: ${meaning} ${where}`), details)
}

function ignore(): void {}

import { COMMANDS, type CommandName, isCommandName, parseRequest } from '@jftp/protocol'
import { Body } from './body.js'
import type { ReceivedMemory } from './received-memory.js'

type Request = ReturnType<typeof parseRequest>

/** A request of at most this many bytes is parsed when it comes. All that may wait take 12 MiB then, at most. */
const SMALL_REQUEST = 512

/**
 * One request from its arrival to its last answer. While a large one waits it is kept as the bytes that came,
 * because parsed JSON can take more than twenty times as much memory as its text.
 */
export class Exchange {
  /** The number that the client gave it. */
  readonly id: number
  /** What the log calls it and its client is told if it fails; no other request of any server has it. */
  readonly logId: string
  readonly body: Body
  /** Bytes of its REQUEST. */
  readonly size: number
  readonly arrived = performance.now()
  /** Bytes of its file or listing that have passed so far. */
  passed = 0
  /** What the server was told of it when it took long: see SessionReporter. */
  isAnnounced = false
  state: 'waiting' | 'running' | 'answered' = 'waiting'
  /** Whether the client wants no more of it, or is gone. */
  isCancelled = false
  /** Set by whoever waits for something else meanwhile. */
  onCancel: (() => void) | undefined
  /** Undefined before `parse`, and for a command this protocol doesn't have. */
  cmd: CommandName | undefined
  cmdText = ''
  args: Record<string, unknown> = {}
  /** What came, until it is taken. */
  #waiting: Request | Uint8Array | undefined

  constructor(id: number, logId: string, payload: Uint8Array, memory: ReceivedMemory) {
    this.id = id
    this.logId = logId
    this.body = new Body(memory)
    this.size = payload.length
    this.#waiting = keep(payload)
  }

  /** To be called when it is taken. Throws `protocol-error` or `bad-request` if the bytes are no request. */
  parse(): void {
    if (this.#waiting === undefined) return
    const { cmd, args } = requestIn(this.#waiting)
    this.#waiting = undefined
    this.cmdText = cmd
    this.cmd = isCommandName(cmd) ? cmd : undefined
    this.args = args
    if (isEager(cmd, args)) this.body.expect()
  }

  cancel(): void {
    this.isCancelled = true
    this.onCancel?.()
  }

  /** Whether DATA and END may come for it now. Throws as `parse` does. */
  takesBody(): boolean {
    if (this.#waiting !== undefined && !this.body.hasBegun) {
      const { cmd, args } = requestIn(this.#waiting)
      if (isEager(cmd, args)) this.body.expect()
    }
    return this.body.isDue
  }
}

function keep(payload: Uint8Array): Request | Uint8Array {
  if (payload.length <= SMALL_REQUEST) {
    try {
      return parseRequest(payload)
    } catch {
      // Its error is told when it is its turn, after the answers to the requests before it.
    }
  }
  // A copy, because a view would keep the whole chunk it was received with.
  return new Uint8Array(payload)
}

function requestIn(waiting: Request | Uint8Array): Request {
  return waiting instanceof Uint8Array ? parseRequest(waiting) : waiting
}

function isEager(cmd: string, args: Record<string, unknown>): boolean {
  return isCommandName(cmd) && COMMANDS[cmd].shape === 'incoming' && args['eager'] === true
}

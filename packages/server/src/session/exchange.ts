import { COMMANDS, type CommandName, isCommandName, parseRequest } from '@jftp/protocol'
import { Body } from './body.js'

type Request = ReturnType<typeof parseRequest>

/** A waiting request of at most this many bytes is kept parsed once it had to be parsed: that is bounded too. */
const SMALL_REQUEST = 512

/**
 * One request from its arrival to its last answer. While it waits it is kept as the bytes that came, because
 * parsed JSON can take more than twenty times as much memory as its text.
 */
export class Exchange {
  readonly id: number
  readonly body = new Body()
  /** Bytes of its REQUEST. */
  readonly size: number
  readonly arrived = performance.now()
  state: 'waiting' | 'running' | 'answered' = 'waiting'
  /** Whether the client wants no more of it. */
  isCancelled = false
  /** Undefined before `parse`, and for a command this protocol doesn't have. */
  cmd: CommandName | undefined
  cmdText = ''
  args: Record<string, unknown> = {}
  #payload: Uint8Array | undefined
  #parsed: Request | undefined

  constructor(id: number, payload: Uint8Array) {
    this.id = id
    this.size = payload.length
    // A copy, because a view would keep the whole chunk it was received with.
    this.#payload = new Uint8Array(payload)
  }

  /** To be called when it is taken. Throws `protocol-error` or `bad-request` if the bytes are no request. */
  parse(): void {
    if (this.#payload === undefined) return
    const { cmd, args } = this.#request(this.#payload)
    this.#payload = undefined
    this.#parsed = undefined
    this.cmdText = cmd
    this.cmd = isCommandName(cmd) ? cmd : undefined
    this.args = args
    if (isEager(cmd, args)) this.body.expect()
  }

  /** Whether DATA and END may come for it now. Throws as `parse` does. */
  takesBody(): boolean {
    if (this.#payload !== undefined && !this.body.hasBegun) {
      const { cmd, args } = this.#request(this.#payload)
      if (isEager(cmd, args)) this.body.expect()
    }
    return this.body.isDue
  }

  #request(payload: Uint8Array): Request {
    if (this.#parsed !== undefined) return this.#parsed
    const request = parseRequest(payload)
    if (payload.length <= SMALL_REQUEST) this.#parsed = request
    return request
  }
}

function isEager(cmd: string, args: Record<string, unknown>): boolean {
  return isCommandName(cmd) && COMMANDS[cmd].shape === 'incoming' && args['eager'] === true
}

import { COMMANDS, type CommandName, isCommandName } from '@jftp/protocol'
import { Body } from './body.js'

/** One request from its arrival to its last answer. */
export class Exchange {
  readonly id: number
  /** Undefined for a command this protocol doesn't have. */
  readonly cmd: CommandName | undefined
  readonly cmdText: string
  args: Record<string, unknown>
  readonly body = new Body()
  /** Bytes of its REQUEST. */
  readonly size: number
  readonly arrived = performance.now()
  state: 'waiting' | 'running' | 'answered' = 'waiting'
  /** The client wants no more of it. */
  cancelled: 'no' | 'yes' = 'no'

  constructor(id: number, request: { cmd: string; args: Record<string, unknown> }, size: number) {
    this.id = id
    this.cmd = isCommandName(request.cmd) ? request.cmd : undefined
    this.cmdText = request.cmd
    this.args = request.args
    this.size = size
    if (this.isIncoming && request.args['eager'] === true) this.body.expect()
  }

  get isIncoming(): boolean {
    return this.cmd !== undefined && COMMANDS[this.cmd].shape === 'incoming'
  }
}

import { type AckOf, type CommandName, parseAck, type RequestInput } from '@jftp/protocol'
import { Call, type Start } from './call.js'
import type { Connection } from './connection.js'
import { refusalOf } from './ftp-error.js'

/** REQUEST → ACK. */
export class SimpleCall<C extends CommandName> extends Call<AckOf<C>> {
  readonly shape = 'simple'
  readonly #connection: Connection
  readonly #cmd: C
  readonly #args: RequestInput<C>

  constructor(connection: Connection, cmd: C, args: RequestInput<C>, signal?: AbortSignal | undefined) {
    super(signal)
    this.#connection = connection
    this.#cmd = cmd
    this.#args = args
  }

  start(id: number): Start {
    this.#connection.outbox.request(id, this.#cmd, this.#args)
    return 'sent'
  }

  ack(payload: Uint8Array): 'done' {
    try {
      this.succeed(parseAck(this.#cmd, payload))
    } catch (error) {
      this.fail(refusalOf(error, this.#path()))
    }
    return 'done'
  }

  afterLoss(): string {
    return `'${this.#cmd}' may or may not have been done`
  }

  #path(): string | undefined {
    const args = this.#args as { path?: string; from?: string }
    return args.path ?? args.from
  }
}

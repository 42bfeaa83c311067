import { type AckOf, type CommandName, parseAck, type RequestInput } from '@jftp/protocol'
import type { Connection } from '../connection/connection.js'
import { refusalOf } from '../errors/ftp-error.js'
import { Call, type Start } from './call.js'

/** REQUEST → ACK. */
export class SimpleCall<C extends CommandName> extends Call<AckOf<C>> {
  readonly shape = 'simple'
  readonly #connection: Connection
  readonly #cmd: C
  readonly #args: RequestInput<C>

  constructor(connection: Connection, cmd: C, args: RequestInput<C>, signal?: AbortSignal | undefined) {
    super(pathOf(args), signal)
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
      this.fail(refusalOf(error, this.path))
    }
    return 'done'
  }

  afterLoss(): string {
    if (!CHANGING.includes(this.#cmd)) return `'${this.#cmd}' was not answered`
    return `'${this.#cmd}' may or may not have been done`
  }
}

const CHANGING: readonly CommandName[] = ['mkdir', 'rmdir', 'rm', 'mv']

function pathOf(args: object): string | undefined {
  const { path, from } = args as { path?: string; from?: string }
  return path ?? from
}

import { type AckOf, type CommandName, parseAck, type RequestInput } from '@jftp/protocol'
import type { CallOptions } from '../call-options.js'
import { checkOptions } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { type FtpError, refusalOf, toFtpError } from '../errors/ftp-error.js'
import { Call, type Start } from './call.js'

export type SimpleCommand = 'stat' | 'cd' | 'mkdir' | 'rm' | 'rmdir' | 'mv' | 'cp' | 'chmod' | 'touch' | 'df'

/** One request and its answer. `args` is called at once; what it throws fails the call. */
export async function run<C extends SimpleCommand>(
  connection: Connection,
  cmd: C,
  args: () => RequestInput<C>,
  options: CallOptions,
): Promise<AckOf<C>> {
  try {
    checkOptions(cmd, options)
    return await connection.run(new SimpleCall(connection, cmd, args(), options.signal))
  } catch (error) {
    throw toFtpError(error)
  }
}

/** REQUEST → ACK. */
export class SimpleCall<C extends CommandName> extends Call<AckOf<C>> {
  readonly shape = 'simple'
  readonly #connection: Connection
  readonly #cmd: C
  readonly #args: RequestInput<C>
  /** What the server has answered instead of doing it. */
  protected refusal: FtpError | undefined

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
      this.refusal = refusalOf(error, this.path)
      this.fail(this.refusal)
    }
    return 'done'
  }

  override get mayTakeLong(): boolean {
    return this.#cmd === 'cp'
  }

  get awaited(): string {
    return `the answer to '${this.#cmd}'${this.path === undefined ? '' : ` of ${this.path}`}`
  }

  afterLoss(): string {
    if (!CHANGING.includes(this.#cmd)) return `'${this.#cmd}' was not answered`
    return `'${this.#cmd}' may or may not have been done`
  }
}

const CHANGING: readonly CommandName[] = ['mkdir', 'rmdir', 'rm', 'mv', 'cp', 'chmod', 'touch']

function pathOf(args: object): string | undefined {
  const { path, from } = args as { path?: string; from?: string }
  return path ?? from
}

import type { AckOf, CommandName, RequestInput } from '@jftp/protocol'
import type { CallOptions } from '../call-options.js'
import type { Connection } from '../connection/connection.js'
import { toFtpError } from '../errors/ftp-error.js'
import { SimpleCall } from './simple-call.js'

/** One request and its answer. `args` is called at once; what it throws fails the call. */
export async function run<C extends CommandName>(
  connection: Connection,
  cmd: C,
  args: () => RequestInput<C>,
  options: CallOptions,
): Promise<AckOf<C>> {
  try {
    return await connection.run(new SimpleCall(connection, cmd, args(), options.signal))
  } catch (error) {
    throw toFtpError(error)
  }
}

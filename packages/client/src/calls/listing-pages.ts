import type { AckOf, CommandName } from '@jftp/protocol'
import type { Connection } from '../connection/connection.js'
import { FtpError } from '../errors/ftp-error.js'
import { LinesCall, type LinesRequest } from './lines-call.js'
import { ListingBudget } from './listing-budget.js'

/** The pages of a listing as they come, each with the facts in the ACK. It is cancelled if its reader leaves. */
export async function* listingPages<C extends CommandName, R>(
  connection: Connection,
  request: LinesRequest<C, R>,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ facts: AckOf<C> | undefined; items: R[] }, void, undefined> {
  const call = new LinesCall(connection, request, new ListingBudget(connection), signal)
  connection.run(call).catch(() => {})
  try {
    for (let page = await call.next(); page !== undefined; page = await call.next()) {
      yield { facts: call.facts, items: page }
    }
  } finally {
    connection.cancel(call, new FtpError('cancelled', 'the listing was left'))
  }
}

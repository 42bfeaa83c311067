import type { RunningTransfer, SessionEntry } from '../session-table/session-table.js'
import { showClient } from '../session-table/show-client.js'
import type { SessionStatus, TransferStatus } from './status.js'

/** What is told of one session. */
export function statusOf({ id, client, user, since, transfer }: SessionEntry): SessionStatus {
  return { id, client: showClient(client), user, since, ...(transfer && { transfer: transferOf(transfer) }) }
}

function transferOf({ op, path, bytes, size, since, rate }: RunningTransfer): TransferStatus {
  return { op, path, bytes, ...(size === undefined ? {} : { size }), since, rate: Math.round(rate) }
}

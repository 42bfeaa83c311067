import type { Accounts } from './accounts/accounts.js'
import type { Log } from './log.js'
import type { Metrics } from './metrics/metrics.js'
import type { Deadlines } from './session/deadline.js'
import type { LoginGuard } from './session-table/login-guard.js'
import type { SessionTable } from './session-table/session-table.js'
import type { TlsEndpoint } from './tls/tls-endpoint.js'
import type { UploadedHook } from './uploaded-hook.js'
import type { WebhookSender } from './webhooks/webhook-sender.js'

/** What the main thread has for all sessions. */
export interface ServerServices {
  readonly accounts: Accounts
  readonly guard: LoginGuard
  readonly sessions: SessionTable
  /** They may change while the server runs. */
  readonly deadlines: Deadlines
  readonly log: Log
  readonly metrics: Metrics | undefined
  /** Undefined if the server speaks no TLS. */
  readonly tls: TlsEndpoint | undefined
  readonly uploaded: UploadedHook
  readonly webhook: WebhookSender
}

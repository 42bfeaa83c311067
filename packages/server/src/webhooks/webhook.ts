import { createHmac, randomUUID } from 'node:crypto'
import type { UploadFacts, Webhook } from '../hook.js'
import { AGENT } from '../version.js'

/** How long the receiver may take to answer, in milliseconds. */
const TIMEOUT_MS = 10_000

/** `refused`: another attempt would be refused as well. `reason` is one line. */
export type PostOutcome =
  | { readonly type: 'delivered' }
  | { readonly type: 'refused' | 'failed'; readonly reason: string }

/** An event about an upload that was stored: its unique id, and the JSON that is sent. */
export function describeUpload(
  { path, size, digest, user, address, requestId }: UploadFacts,
  time: Date,
): { readonly id: string; readonly body: string } {
  const id = randomUUID()
  const facts = {
    ...{ v: 1, type: 'uploaded', id, time: time.toISOString(), path, size },
    digest: digest === undefined ? null : `${digest.alg}:${digest.hex}`,
    ...{ user, address, requestId },
  }
  return { id, body: JSON.stringify(facts) }
}

/** Sends the body once. Never rejects. Redirects are not followed, because they would lead the event elsewhere. */
export async function postEvent(
  { url, secret }: Webhook,
  body: string,
  stopped: AbortSignal,
): Promise<PostOutcome> {
  // The time is signed too, so that a receiver can turn down what somebody has recorded and sends again.
  const timestamp = String(Math.floor(Date.now() / 1000))
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': AGENT,
    'X-Jftp-Timestamp': timestamp,
    'X-Jftp-Signature': `sha256=${hmac}`,
  }
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)])
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    // Nobody reads what the receiver has to say.
    await response.body?.cancel()
    return outcomeOf(response.status)
  } catch (error) {
    return { type: 'failed', reason: reasonOf(error, url) }
  }
}

function outcomeOf(status: number): PostOutcome {
  if (status >= 200 && status < 300) return { type: 'delivered' }
  const reason = `the receiver answered ${status}`
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
  return { type: isFinal ? 'refused' : 'failed', reason }
}

function reasonOf(error: unknown, url: string): string {
  const { name, cause } = error as Error
  if (name === 'TimeoutError') return `the receiver took longer than ${TIMEOUT_MS / 1000} s`
  if (name === 'AbortError') return 'ftpd was stopped'
  const { code, message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>
  // fetch has a list of ports that it never sends to, and says no more than this.
  if (message === 'bad port') {
    return `no HTTP client may send to port ${new URL(url).port}, which belongs to another protocol; give the receiver another port`
  }
  return `the receiver could not be reached (${code ?? message ?? name})`
}

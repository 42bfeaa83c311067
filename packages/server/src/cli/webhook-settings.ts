import type { Webhook } from '../hook.js'
import { readPrivateFile } from '../private-file.js'
import { UsageError } from '../usage-error.js'

/** The fewest and the most bytes of a secret. */
const MIN_SECRET = 16
const MAX_SECRET = 4096

/** What is larger was named by mistake. In bytes. */
const MAX_FILE = 64 * 1024

/** `fail` makes the error for a key of the table. */
export async function readWebhook(
  { webhook: url, 'webhook-secret-file': secretFile }: Readonly<Record<string, unknown>>,
  fail: (key: string, problem: string) => Error,
): Promise<Webhook | undefined> {
  if (url === undefined && secretFile === undefined) return undefined
  if (url === undefined) throw fail('webhook-secret-file', 'there is no webhook; add webhook = "https://…"')
  if (typeof url !== 'string' || !isWebhookUrl(url)) {
    throw fail(
      'webhook',
      'a URL with https is needed, without a user and a password: "https://ci.example/jftp"; http is for 127.0.0.1, [::1] and localhost',
    )
  }
  if (secretFile === undefined) throw fail('webhook', 'a webhook needs a secret; add webhook-secret-file')
  if (typeof secretFile !== 'string' || secretFile === '' || secretFile.includes('\0')) {
    throw fail('webhook-secret-file', 'the path of a file is needed: "/etc/jftp/webhook-secret"')
  }
  try {
    return { url, secret: await readSecret(secretFile) }
  } catch (error) {
    throw error instanceof UsageError ? fail('webhook-secret-file', error.message) : error
  }
}

/** The facts about uploads must not cross a network in the clear. */
function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

async function readSecret(path: string): Promise<Buffer> {
  const content = await readPrivateFile(path, path, MAX_FILE)
  const fix = `run: (umask 077; openssl rand -hex 32 > ${path})`
  if (content === undefined) throw new UsageError(`${path} does not exist; ${fix}`)
  const secret = Buffer.from(content.toString('latin1').replace(/[\r\n]+$/, ''), 'latin1')
  if (secret.length >= MIN_SECRET && secret.length <= MAX_SECRET) return secret
  throw new UsageError(`${path} must hold ${MIN_SECRET} to ${MAX_SECRET} bytes; ${fix}`)
}

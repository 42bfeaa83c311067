import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Webhook } from '../hook.js'

/** The fewest and the most bytes of a secret. */
const MIN_SECRET = 16
const MAX_SECRET = 4096

/** `fail` makes the error for a key of the table. */
export function readWebhook(
  { webhook: url, 'webhook-secret-file': secretFile }: Readonly<Record<string, unknown>>,
  fail: (key: string, problem: string) => Error,
): Webhook | undefined {
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
  return { url, secret: readSecret(secretFile, (problem) => fail('webhook-secret-file', problem)) }
}

/** The facts about uploads must not cross a network in the clear. */
function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function readSecret(path: string, fail: (problem: string) => Error): Buffer {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw fail(
      `can't read ${path} (${(error as NodeJS.ErrnoException).code}); check its path, owner and mode`,
    )
  }
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw fail(`${path} is not a regular file; name another one`)
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8)
      throw fail(`others may read or change ${path} (mode ${mode}); run: chmod 600 ${path}`)
    }
    const size = `${path} must hold ${MIN_SECRET} to ${MAX_SECRET} bytes; run: openssl rand -hex 32 > ${path}`
    if (stat.size > MAX_SECRET + 2) throw fail(size)
    const secret = Buffer.from(readFileSync(file, 'latin1').replace(/[\r\n]+$/, ''), 'latin1')
    if (secret.length < MIN_SECRET || secret.length > MAX_SECRET) throw fail(size)
    return secret
  } finally {
    closeSync(file)
  }
}

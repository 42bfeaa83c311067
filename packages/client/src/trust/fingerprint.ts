/** How many hex digits a SHA-256 has. */
const DIGITS = 64

/**
 * Reads the SHA-256 of a certificate: `sha256:` and 64 hex digits. Colons between them, as openssl writes them, do no
 * harm. Undefined if the text is something else.
 */
export function parseFingerprint(text: string): string | undefined {
  const [, written = ''] = /^sha256:([\da-f:]+)$/i.exec(text.trim()) ?? []
  const hex = written.replaceAll(':', '').toLowerCase()
  return hex.length === DIGITS ? `sha256:${hex}` : undefined
}

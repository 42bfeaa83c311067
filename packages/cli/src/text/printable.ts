// Control characters (C0, DEL, C1), and what turns text around, hides in it or breaks a line of it.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' }

/**
 * Text from the server, or any name, made safe for a terminal: what could move the cursor, set colours,
 * hide text or break the line is shown as an escape instead. Everything else is left as it is.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf)
}

function escapeOf(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0) ?? 0
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

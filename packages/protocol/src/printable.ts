// Control characters (C0, DEL, C1), characters that turn text around or hide in it, line separators, and halves
// of surrogate pairs.
const UNPRINTABLE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu

/** Most text, which is not searched for characters of those kinds: that takes ten times as long. */
const PLAIN = /^[ -~\xa0-\xac\xae-\xff]*$/

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' }

/**
 * Makes text from a peer, or any file name, safe for a terminal or a log: every character that could move the
 * cursor, set colours, reorder or hide text, or break the line is shown as an escape. All other text is kept.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNPRINTABLE, (character) => NAMED[character] ?? hexEscape(character))
}

/** The same for a line of JSON: the escapes are `\uXXXX`, so that a parser reads the original characters. */
export function printableJson(json: string): string {
  if (PLAIN.test(json)) return json
  return json.replace(UNPRINTABLE, unicodeEscape)
}

function hexEscape(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

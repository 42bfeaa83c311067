const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' }

/**
 * A line as md5sum prints it. If the name has a character that would break the line or that is used to escape, the
 * line begins with a backslash and the name is escaped.
 */
export function formatDigest(hex: string, name: string): string {
  const escaped = name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character)
  return `${escaped === name ? '' : '\\'}${hex}  ${escaped}`
}

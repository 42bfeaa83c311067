import { displayWidth, padEnd } from './display-width.js'

/** Breaks text between words into lines of at most `width` columns. A longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)
    const longer = `${line} ${word}`
    if (line !== undefined && displayWidth(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** Each term with its text in a column beside it, in lines of at most `width` columns. */
export function besideEachOther(
  rows: readonly (readonly [term: string, text: string])[],
  width: number,
): string[] {
  const column = Math.max(0, ...rows.map(([term]) => displayWidth(term))) + 2
  return rows.flatMap(([term, text]) =>
    wrapped(text, width - column).map((line, index) => padEnd(index === 0 ? term : '', column) + line),
  )
}

/** Texts one after the other with a gap between them, as many on each line of `width` columns as fit. */
export function sideBySide(texts: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const line = lines.at(-1)
    const longer = `${line}   ${text}`
    if (line !== undefined && displayWidth(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(...wrapped(text, width))
  }
  return lines
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`))
}

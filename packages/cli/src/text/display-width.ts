/** How wide text is on a terminal, and how to make it narrower. */

const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]/u
const COMBINING = /[\p{Mn}\p{Me}]/u
/** What Unicode allows to leave out, but for a filler that terminals draw. */
const IGNORABLE = /(?!\uFFA0)\p{Default_Ignorable_Code_Point}/u
/** Two of them are a flag. */
const FLAG_LETTER = /[\u{1F1E6}-\u{1F1FF}]/u
/** Makes the character before it an emoji, which is wider. */
const EMOJI_SELECTOR = '\uFE0F'
const ASCII = /^[\x20-\x7e]*$/

/**
 * The number of columns that printable text takes. Terminals disagree about characters that are made of several: this is
 * the most that they take, because a line that is too wide breaks what is drawn, and one that is too narrow does not.
 */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** Shortens text to `width` columns. `…` replaces the middle, because the two ends of a file name say the most. */
export function shortenMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width <= 1) return width === 1 ? '…' : ''
  const parts = [...graphemes(text)]
  const room = width - 1
  const tail = take(parts.toReversed(), Math.floor(room / 2))
  const head = take(parts, room - tail.width)
  return `${head.parts.join('')}…${tail.parts.reverse().join('')}`
}

/** Adds spaces up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

function take(from: readonly string[], width: number): { parts: string[]; width: number } {
  const parts: string[] = []
  let used = 0
  for (const part of from) {
    const next = used + displayWidth(part)
    if (next > width) break
    parts.push(part)
    used = next
  }
  return { parts, width: used }
}

function characterWidth(character: string): number {
  if (character === EMOJI_SELECTOR || FLAG_LETTER.test(character)) return 1
  if (COMBINING.test(character)) return 0
  if (WIDE.test(character)) return 2
  return IGNORABLE.test(character) ? 0 : 1
}

let segmenter: Intl.Segmenter | undefined

function* graphemes(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  for (const { segment } of segmenter.segment(text)) yield segment
}

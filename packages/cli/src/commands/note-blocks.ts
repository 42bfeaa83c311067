/** A part of the notes of a command: lines that stay as they are, such as examples, or a text to be wrapped. */
export type NoteBlock =
  | { readonly type: 'lines'; readonly lines: readonly string[] }
  | { readonly type: 'text'; readonly text: string }

/** Notes that begin with two spaces are lines, which lose these; the others are joined to texts. */
export function noteBlocks(notes: readonly string[] = []): NoteBlock[] {
  const blocks: NoteBlock[] = []
  for (const note of notes) {
    const last = blocks.at(-1)
    const isLine = note.startsWith('  ')
    if (isLine) {
      const before = last?.type === 'lines' ? (blocks.pop(), last.lines) : []
      blocks.push({ type: 'lines', lines: [...before, note.slice(2)] })
    } else {
      const before = last?.type === 'text' ? (blocks.pop(), `${last.text}\n`) : ''
      blocks.push({ type: 'text', text: before + note })
    }
  }
  return blocks
}

/**
 * Where a command line for the local shell ends that begins at `at`: before an unquoted `;`, `&&`, `||`, `&` or line
 * end. `>&` and `&>` belong to it, and so do further pipes.
 */
export function localCommandEnd(text: string, at: number): number {
  let quote = ''
  for (let index = at; index < text.length; index++) {
    const character = text[index] ?? ''
    if (quote !== '') {
      if (character === '\\' && quote === '"') index++
      else if (character === quote) quote = ''
    } else if (character === '\\') index++
    else if (character === "'" || character === '"') quote = character
    else if (character === ';' || character === '\n') return index
    else if (character === '|' && text[index + 1] === '|') return index
    else if (character === '&' && !isRedirection(text, index)) return index
  }
  return text.length
}

/** Whether the `&` at that index is part of `2>&1` or `&>`. */
function isRedirection(text: string, index: number): boolean {
  return text[index - 1] === '>' || text[index - 1] === '<' || text[index + 1] === '>'
}

/** Whether an unescaped `*`, `?` or `[` makes this a pattern. */
export function hasMagic(text: string): boolean {
  return /[*?[]/.test(text.replace(/\\./gs, ''))
}

/** Whether an unescaped `*`, `?` or `[` makes this a pattern. (glob.ts would load picomatch.) */
export function hasMagic(text: string): boolean {
  return /[*?[]/.test(text.replace(/\\./gs, ''))
}

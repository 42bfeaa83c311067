/** Whether an unescaped `*`, `?` or `[` makes this a pattern. Apart from glob.ts, which loads picomatch. */
export function hasMagic(text: string): boolean {
  return /[*?[]/.test(text.replace(/\\./gs, ''))
}

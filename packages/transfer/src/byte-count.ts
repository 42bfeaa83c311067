const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/**
 * The bytes of `500`, `500k`, `10MB` or `1.5Gi`: k, M, G and T stand for powers of 1000, Ki, Mi, Gi and Ti for powers of
 * 1024. Undefined if the text is no such number.
 */
export function parseByteCount(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmgt]i?)?b?$/.exec(text.toLowerCase()) ?? []
  const bytes = Math.round(Number(number) * (UNITS[unit] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

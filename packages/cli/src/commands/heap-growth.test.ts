import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Makes garbage out of objects that live for a while, as those of a tree do, and prints the most memory in use. */
const PROGRAM = `
  const kept = Array.from({ length: 400_000 }, (_, n) => ({ n, name: 'name ' + n }))
  let most = 0
  for (let n = 0; n < 6_000_000; n++) {
    kept[n % kept.length] = { n, name: 'name ' + n }
    if (n % 1_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed)
  }
  console.log(most)
`

test('less garbage is left lying about', () => {
  const module = new URL('../../dist/commands/heap-growth.js', import.meta.url)
  const limit = `await (await import(${JSON.stringify(module.href)})).limitHeapGrowth()\n`
  const [without, limited] = ['', limit].map((first) =>
    Number(execFileSync(process.execPath, ['--input-type=module', '--eval', first + PROGRAM])),
  ) as [number, number]
  expect(limited).toBeLessThan(without * 0.85)
})

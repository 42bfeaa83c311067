import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from './chart.js'
import type { Figures } from './figures.js'
import { report } from './report.js'

const root = new URL('../../', import.meta.url)
const BEGIN = '<!-- figures: written by pnpm bench --publish -->\n'
const END = '\n<!-- end of figures -->'

/** Keeps the figures in a file. */
export function keep(figures: Figures, file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, json(figures))
}

/** Writes docs/performance.json, its chart, and the figures in docs/PERFORMANCE.md, so that none is typed. */
export function publish(figures: Figures): void {
  const docs = new URL('docs/', root)
  const data = new URL('performance.json', docs)
  writeFileSync(data, json(figures))
  // As all of the repository is: the check of its formatting looks at this file too.
  execFileSync('pnpm', ['exec', 'biome', 'format', '--write', fileURLToPath(data)], {
    cwd: fileURLToPath(root),
  })
  writeFileSync(new URL('performance.svg', docs), chart(figures.results))
  const page = new URL('PERFORMANCE.md', docs)
  const text = readFileSync(page, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('docs/PERFORMANCE.md has lost the marks around its figures')
  writeFileSync(page, `${text.slice(0, begin + BEGIN.length)}\n${report(figures)}\n${text.slice(end)}`)
}

function json(figures: Figures): string {
  return `${JSON.stringify(figures, (_, value: unknown) => shortened(value), 2)}\n`
}

/** Nobody needs the nanoseconds. */
function shortened(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}

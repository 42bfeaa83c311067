import type { Entry, Result } from './contest.js'
import { isFinished, median } from './statistics.js'

const WIDTH = 760
const LABEL = 130
const BAR = 16
const ROW = 22
const HEAD = 34
/** Kept free at the right for the figure of the longest bar. */
const FIGURE = 90
/** The longest spread drawn, in longest medians. */
const ROOM_FOR_SPREAD = 1.4

interface Scale {
  /** Values from here on end at the edge. */
  readonly end: number
  /** Pixels. */
  readonly perUnit: number
}

/** A bar for each tool under each contest, as an SVG that reads in light and dark. */
export function chart(results: readonly Result[]): string {
  let y = 8
  const parts: string[] = []
  for (const result of results) {
    const { picture, height } = section(result, y)
    parts.push(picture)
    y += height
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="jftp beside other tools">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.jftp { fill: #1a7f64 } .other { fill: #8c959f } .spread { stroke: #24292f; stroke-opacity: 0.55 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .jftp { fill: #3fb68f } .other { fill: #6e7681 } .spread { stroke: #e6edf3 }
}
</style>
${parts.join('\n')}
</svg>
`
}

function section({ title, unit, entries }: Result, top: number): { picture: string; height: number } {
  const shown = entries.filter(isFinished)
  const longest = Math.max(...shown.flatMap(({ values }) => values))
  const longestMedian = Math.max(...shown.map(({ values }) => median(values)))
  // One slow go must not squeeze all bars to nothing: its spread runs out of the picture instead.
  const end = Math.min(longest, ROOM_FOR_SPREAD * longestMedian)
  const scale = { end, perUnit: (WIDTH - LABEL - FIGURE) / end }
  const better = unit === 'ms' ? 'shorter is better' : 'longer is better'
  const lines = shown.map((entry, index) => bar(entry, { y: top + HEAD + index * ROW, scale, unit }))
  const heading = `<text class="title" x="8" y="${top + 20}">${escape(title)} (${unit}, ${better})</text>`
  return { picture: [heading, ...lines].join('\n'), height: HEAD + shown.length * ROW + 12 }
}

/** The bar is the median, the thin line the spread. */
function bar(entry: Entry, { y, scale, unit }: { y: number; scale: Scale; unit: string }): string {
  const middle = median(entry.values)
  const [least, most] = [Math.min(...entry.values), Math.max(...entry.values)]
  const length = (value: number) => Math.min(value, scale.end) * scale.perUnit
  const at = (value: number) => (LABEL + length(value)).toFixed(1)
  const center = y + BAR / 2
  return [
    `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${escape(entry.name)}</text>`,
    `<rect class="${entry.maker}" x="${LABEL}" y="${y}" width="${length(middle).toFixed(1)}" height="${BAR}" rx="2"/>`,
    `<line class="spread" x1="${at(least)}" x2="${at(most)}" y1="${center}" y2="${center}"/>`,
    `<text x="${(LABEL + length(most) + 6).toFixed(1)}" y="${y + 13}">${Math.round(middle).toLocaleString('en')} ${unit}</text>`,
  ].join('')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

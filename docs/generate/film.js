/** In pixels. */
const CELL = { width: 8.4, height: 19 }
const MARGIN = 14

/** How long the last frame stays, in ms. */
const PAUSE = 5000

const BACKGROUND = '#14181f'
const FOREGROUND = '#d5dae3'

/** The eight colours of a terminal, and the bright ones. */
const PALETTE = [
  ...['#3b4252', '#f07178', '#a5d16d', '#ffcb6b', '#6cb6ff', '#c792ea', '#7fdbca', '#d5dae3'],
  ...['#6b7489', '#ff8b92', '#bfe38a', '#ffd98a', '#8cc7ff', '#d9b0f5', '#a1e8da', '#ffffff'],
]

/**
 * Draws frames as an SVG that moves: all of them stand side by side, and the strip jumps from one to the next. A line that
 * is the same in many frames is drawn once and used in each.
 */
export function drawFilm(frames, { columns, rows }) {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN)
  const height = Math.ceil(rows * CELL.height + 2 * MARGIN)
  const lines = new Map()
  const strip = frames.map(({ lines: runs }, index) => {
    const uses = runs.flatMap((line, row) => {
      if (line.length === 0) return []
      const drawn = line.map(drawRun).join('')
      if (!lines.has(drawn)) lines.set(drawn, `l${lines.size.toString(36)}`)
      const y = (row * CELL.height).toFixed(0)
      return [`<use href="#${lines.get(drawn)}" y="${y}"/>`]
    })
    return `<g transform="translate(${index * width})">${uses.join('')}</g>`
  })
  const begin = frames[0]?.at ?? 0
  const duration = (frames.at(-1)?.at ?? 0) - begin + PAUSE
  const steps = frames.map(({ at }, index) => {
    return `${(((at - begin) * 100) / duration).toFixed(3)}%{transform:translateX(${-index * width}px)}`
  })
  const definitions = [...lines].map(([drawn, id]) => `<g id="${id}">${drawn}</g>`)
  const colors = PALETTE.map((color, index) => `.c${index}{fill:${color}}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>A session in the shell of ftp: a listing, a file stored with a progress bar, a folder fetched, a digest</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${FOREGROUND};white-space:pre}
.b{font-weight:700}.d{opacity:.65}${colors.join('')}
.film{animation:film ${(duration / 1000).toFixed(2)}s step-end infinite}
@keyframes film{${steps.join('')}}
</style>
<defs>
${definitions.join('\n')}
</defs>
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<svg x="${MARGIN}" y="${MARGIN}" width="${width - MARGIN}" height="${height - MARGIN}"><g class="film">
${strip.join('\n')}
</g></svg>
</svg>
`
}

function drawRun({ column, text, look: { color, isBold, isDim } }) {
  const classes = [
    ...(color === undefined ? [] : [`c${color}`]),
    ...(isBold ? ['b'] : []),
    ...(isDim ? ['d'] : []),
  ]
  const attributes = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`
  const x = (column * CELL.width).toFixed(1)
  // However wide the characters of the reader's font are, they stay in their columns.
  const length = (text.length * CELL.width).toFixed(1)
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<text x="${x}" y="15" textLength="${length}" xml:space="preserve"${attributes}>${escaped}</text>`
}

import { execFile } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as socketserver from '@jftp/socketserver'

// node bench/columns.js: what each column of the table gets done, as the table in the README. The columns take
// turns, so that a busy moment of the machine is no column's alone; the figures are medians.

const COLUMNS = ['', 'Async', 'Threading', 'Forking']
const WORKLOADS = [
  'one line per connection',
  'lines on 64 connections',
  'lines beside one that computes',
  'MB/s, one connection',
  'MB/s hashed, four connections',
  'datagrams',
]
const ROUNDS = 3
const load = fileURLToPath(new URL('./load.js', import.meta.url))

console.log(
  `Node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model}, ${process.platform}\n`,
)
console.log(`| per second | ${COLUMNS.map((column) => column || 'one at a time').join(' | ')} |`)
console.log(`|---|${COLUMNS.map(() => '---:|').join('')}`)
for (const workload of WORKLOADS) {
  const figures = COLUMNS.map(() => [])
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, column] of COLUMNS.entries()) figures[index].push(await measure(column, workload))
  }
  console.log(`| ${workload} | ${figures.map((of) => show(median(of))).join(' | ')} |`)
}

async function measure(column, workload) {
  // It would wait for the first connection to end, and that one for it.
  if (column === '' && workload.startsWith('lines')) return Number.NaN
  const transport = workload === 'datagrams' ? 'UDP' : 'TCP'
  const handler = transport === 'UDP' ? './bench-datagram-handler.js' : './bench-handler.js'
  const Server = socketserver[`${column}${transport}Server`]
  const server = await Server.listen(['127.0.0.1', 0], new URL(handler, import.meta.url))
  const serving = server.serveForever()
  const { stdout } = await promisify(execFile)(process.execPath, [
    load,
    workload,
    String(server.serverAddress[1]),
  ])
  await server.shutdown()
  await server.serverClose()
  await serving
  return Number(stdout)
}

function median(figures) {
  return figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)]
}

function show(figure) {
  return Number.isNaN(figure) ? '–' : figure.toLocaleString('en')
}

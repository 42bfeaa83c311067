import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as socketserver from '@jftp/socketserver'
import { usedMemory } from './soak-handler.js'

// node bench/soak.js [minutes] [column…]: serves clients that come, go, stall, reset and send garbage, by default for
// ten minutes in each column of the table. It prints each minute what the server's process and its children hold. The
// exit code is 1 if a column ends with more threads, children or descriptors than it had at its start, or with a tenth
// more in V8's heaps, or with a fifth more resident memory. Linux only.

const COLUMNS = ['one-at-a-time', 'Async', 'Threading', 'Forking']
const [minutes = '10', ...chosen] = process.argv.slice(2)
const clients = fileURLToPath(new URL('./soak-clients.js', import.meta.url))

// The first child process costs Node a descriptor that it keeps.
await promisify(execFile)(process.execPath, ['--version'])
const before = await held()
console.log(`Node ${process.version}, ${minutes} minutes a column\n`)
show('before all', before)
for (const column of chosen.length > 0 ? chosen : COLUMNS) await soak(column, Number(minutes) * 60)

async function soak(column, seconds) {
  console.log(`\n${column}`)
  const errors = {}
  const prefix = column === COLUMNS[0] ? '' : column
  class Server extends socketserver[`${prefix}TCPServer`] {
    handleError(_request, _clientAddress, error) {
      const kind = error.code ?? error.message
      errors[kind] = (errors[kind] ?? 0) + 1
    }
  }
  const server = await Server.listen(['127.0.0.1', 0], new URL('./soak-handler.js', import.meta.url))
  const serving = server.serveForever()
  // Before the first count everything must be loaded and compiled, and the C library keeps some of the memory that it
  // gets back, up to what was once in use. That takes about two minutes.
  await visits(server, 120)
  const atStart = show('start', { ...(await held()), ...(await heldByWorkers(server)) })
  const rows = setInterval(() => void held().then((counts) => show('', counts)), 60_000)
  const counts = await visits(server, seconds)
  clearInterval(rows)
  const atEnd = show('end', { ...(await held()), ...(await heldByWorkers(server)) })
  await server.shutdown()
  await server.serverClose()
  await serving
  const afterClose = show('closed', await held())
  console.log(`clients: ${JSON.stringify(counts)}\nerrors: ${JSON.stringify(errors)}`)
  const memory = (counts) => counts.rss + counts['rss of children']
  const surplus = ['threads', 'children', 'descriptors'].filter(
    (name) => atEnd[name] > atStart[name] || afterClose[name] > before[name],
  )
  if (memory(atEnd) > 1.2 * memory(atStart)) surplus.push('memory')
  const inUse = (counts) => counts.heapUsed + (counts['heapUsed of workers'] ?? 0)
  if (inUse(atEnd) > 1.1 * inUse(atStart)) surplus.push('memory in use')
  for (const name of surplus) console.log(`${column} has more ${name} at its end than at its start`)
  if (surplus.length > 0) process.exitCode = 1
}

/** Resolves with how often each kind of client came, when all of them and their connections have gone. */
async function visits(server, seconds) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    clients,
    String(server.serverAddress[1]),
    String(seconds),
  ])
  await server.requestsEnded()
  // For that long a server may still read from connections that it has ended.
  await delay(3000)
  return JSON.parse(stdout)
}

/** What this process holds now, and in MB its memory and that of its children. */
async function held() {
  const { heapUsed, heapTotal, external, arrayBuffers } = await usedMemory()
  const children = childrenOf(process.pid)
  return {
    threads: readdirSync('/proc/self/task').length,
    children: children.length,
    // Reading the folder takes one.
    descriptors: readdirSync('/proc/self/fd').length - 1,
    rss: megabytes(residentBytes(process.pid)),
    'rss of children': megabytes(children.reduce((sum, pid) => sum + residentBytes(pid), 0)),
    heapUsed: megabytes(heapUsed),
    heapTotal: megabytes(heapTotal),
    external: megabytes(external),
    arrayBuffers: megabytes(arrayBuffers),
  }
}

/** The memory of V8 in all worker threads or children together, in MB. */
async function heldByWorkers(server) {
  const workers = server.maxThreads ?? server.maxChildren ?? 0
  // The least loaded worker gets the next connection, so each of them gets one of these.
  const sockets = Array.from({ length: workers }, () => connect(server.serverAddress[1], '127.0.0.1'))
  for (const socket of sockets) socket.end('memory\n')
  const answers = (await Promise.all(sockets.map(text))).map((answer) => JSON.parse(answer))
  const sum = (name) => megabytes(answers.reduce((bytes, answer) => bytes + answer[name], 0))
  const names = ['heapUsed', 'heapTotal', 'external', 'arrayBuffers']
  return workers > 0 ? Object.fromEntries(names.map((name) => [`${name} of workers`, sum(name)])) : {}
}

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )
}

/** 0 if the process has ended meanwhile. */
function residentBytes(pid) {
  try {
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kibibytes) * 1024
  } catch {
    return 0
  }
}

function megabytes(bytes) {
  return Math.round(bytes / 1e5) / 10
}

function show(when, counts) {
  const cells = Object.entries(counts).map(([name, count]) => `${name} ${count}`)
  console.log(`${new Date().toISOString().slice(11, 19)} ${when.padEnd(10)} ${cells.join(', ')}`)
  return counts
}

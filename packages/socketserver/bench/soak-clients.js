import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

// The clients of soak.js: node soak-clients.js <port> <seconds>. It prints how often each of them has come.

const [port, seconds] = process.argv.slice(2).map(Number)
const AT_ONCE = 32
const MIB = 1024 * 1024
const until = performance.now() + seconds * 1000

const CLIENTS = {
  /** Comes, says something, hears it and goes. */
  async 'came and went'(socket) {
    for (let line = 0; line < 5; line += 1) {
      socket.write(`line ${line}\n`)
      await once(socket, 'data')
    }
    socket.end()
    await once(socket, 'close')
  },
  async 'left at once'(socket) {
    socket.end()
    await once(socket, 'close')
  },
  /** Downloads all that it asks for. */
  async 'downloaded 2 MiB'(socket) {
    socket.end(`send ${2 * MIB}\n`)
    await once(socket, 'close')
  },
  /** Sends a half line and no more, until the server has had enough of that. */
  async 'stalled while sending'(socket) {
    socket.write('half a li')
    await once(socket, 'close')
  },
  /** Asks for much and does not read it. */
  async 'stalled while receiving'(socket) {
    socket.pause()
    socket.write(`send ${64 * MIB}\n`)
    await delay(2000 * Math.random())
  },
  async 'reset while sending'(socket) {
    socket.write('x'.repeat(MIB * Math.random()))
    await delay(20 * Math.random())
    socket.resetAndDestroy()
  },
  async 'reset while receiving'(socket) {
    socket.write(`send ${64 * MIB}\n`)
    await once(socket, 'data')
    socket.resetAndDestroy()
  },
  async 'sent garbage'(socket) {
    socket.end(randomBytes(1 + 200_000 * Math.random()))
    await once(socket, 'close')
  },
}

const counts = Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, 0]))
const names = Object.keys(CLIENTS)

async function visit() {
  const name = names[Math.floor(Math.random() * names.length)]
  const socket = connect(port, '127.0.0.1')
  socket.on('error', ignore)
  if (name !== 'stalled while receiving') socket.resume()
  const closed = once(socket, 'close').catch(ignore)
  try {
    await once(socket, 'connect')
    await Promise.race([CLIENTS[name](socket), closed])
    counts[name] += 1
  } catch {
    // The server may close any of these connections early.
  }
  socket.destroy()
  await closed
}

async function visitAgainAndAgain() {
  while (performance.now() < until) {
    await visit()
    await delay(100 * Math.random())
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, visitAgainAndAgain))
console.log(JSON.stringify(counts))

function ignore() {}

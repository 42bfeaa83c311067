import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'

// A client in its own process: node load.js <workload> <port>; prints how much it got done per second.

const [workload, port] = process.argv.slice(2)
const SECONDS = 2
const MIB = 1024 * 1024
const until = performance.now() + SECONDS * 1000
let done = 0

const WORKLOADS = {
  'one line per connection': () => parallel(32, shortRequest),
  'lines on 64 connections': () => parallel(64, () => lines('hello\n', 1)),
  'lines beside one that computes': () =>
    Promise.all([lines('compute\n', 0), parallel(8, () => lines('hello\n', 1))]),
  'MB/s, one connection': () => parallel(1, () => receive(`send ${256 * MIB}\n`, 256 * MIB)),
  'MB/s hashed, four connections': () => parallel(4, () => receive(`hash ${64 * MIB}\n`, 64 * MIB)),
  datagrams: () => parallel(32, datagrams),
}

const begun = performance.now()
await WORKLOADS[workload]()
const perSecond = done / ((performance.now() - begun) / 1000)
console.log(workload.startsWith('MB/s') ? Math.round(perSecond / 1e6) : Math.round(perSecond))

async function parallel(count, work) {
  const run = async () => {
    while (performance.now() < until) await work()
  }
  await Promise.all(Array.from({ length: count }, run))
}

async function open() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

async function shortRequest() {
  const socket = await open()
  socket.write('hello\n')
  await once(socket, 'data')
  socket.end()
  await once(socket, 'close')
  done += 1
}

async function lines(line, weight) {
  const socket = await open()
  while (performance.now() < until) {
    socket.write(line)
    await once(socket, 'data')
    done += weight
  }
  socket.end()
  await once(socket, 'close')
}

async function receive(command, bytes) {
  const buffer = Buffer.alloc(512 * 1024)
  let received = 0
  const socket = connect({
    port: Number(port),
    host: '127.0.0.1',
    onread: {
      buffer,
      callback: (size) => {
        received += size
        if (received === bytes) socket.end()
        return true
      },
    },
  })
  socket.write(command)
  await once(socket, 'close')
  done += received
}

async function datagrams() {
  const socket = createSocket('udp4')
  while (performance.now() < until) {
    socket.send('hello', Number(port), '127.0.0.1')
    // A datagram may be lost; then this one is not counted, and the next is sent.
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(1000) })
    await answer.then(() => {
      done += 1
    }, ignore)
  }
  socket.close()
}

function ignore() {}

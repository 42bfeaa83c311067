import { parentPort, workerData } from 'node:worker_threads'
import { MessageBatch } from '../workers/message-batch.js'
import type { FromWorker, ToWorker, WorkerStart } from '../workers/worker-message.js'
import { WorkerProgram } from '../workers/worker-program.js'
import { factsFrom } from './connection-facts.js'
import { SecureThreadSocket } from './secure-thread-socket.js'
import { ThreadSocket } from './thread-socket.js'

// The program of a worker thread. The main thread keeps the connections; here they are ThreadSockets.

if (parentPort === null)
  throw new Error('this module can only run in a worker thread, and the server starts that itself')
const port = parentPort
const start = workerData as WorkerStart
const batch = new MessageBatch<FromWorker>(port)
const sockets = new Map<number, ThreadSocket>()

const program = await WorkerProgram.load(start, batch)
// Listen only now: until then messages wait in the port. If the handler could not be loaded, the thread ends here.
if (program) {
  port.on('message', (messages: ToWorker[]) => {
    for (const message of messages) receive(program, message)
  })
}

function receive(workerProgram: WorkerProgram, message: ToWorker): void {
  switch (message.type) {
    case 'connection':
      return void run(workerProgram, message)
    case 'data':
      return sockets.get(message.id)?.receive(message.bytes, message.length)
    case 'end':
      return sockets.get(message.id)?.receiveEnd()
    case 'close':
      return sockets.get(message.id)?.receiveClose(message.error)
    case 'sent':
      return sockets.get(message.id)?.receiveSent(message.buffers)
    default:
      return workerProgram.receive(message)
  }
}

type ConnectionMessage = Extract<ToWorker, { type: 'connection' }>

async function run(workerProgram: WorkerProgram, message: ConnectionMessage): Promise<void> {
  const { id, clientAddress, facts = factsFrom(clientAddress, start.serverAddress) } = message
  const request = facts.tls
    ? new SecureThreadSocket(id, batch, facts, facts.tls)
    : new ThreadSocket(id, batch, facts)
  // A failed connection rejects the handler's reads and writes. Without this listener it would end the thread.
  request.on('error', ignore)
  sockets.set(id, request)
  await workerProgram.run(id, request, clientAddress)
  sockets.delete(id)
  request.destroy()
}

function ignore(): void {}

import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import { recordError } from '../error-record.js'
import { descriptorOf } from '../servers/descriptor.js'
import { DescriptorReserve } from '../servers/descriptor-reserve.js'
import { endWriting, linger } from '../servers/graceful-close.js'
import { SocketServerError } from '../socket-server-error.js'
import { MessageBatch } from '../workers/message-batch.js'
import type { FromWorker, ToWorker, WorkerStart } from '../workers/worker-message.js'
import { WorkerProgram } from '../workers/worker-program.js'
import { serializedClone } from './serialized-clone.js'
import { TlsAcceptor } from './tls-acceptor.js'

// The program of a child process. Connections come with their descriptors, so they are plain sockets of Node.

// Ignore signals: the server ends this child by disconnecting.
process.on('SIGINT', ignore)
process.on('SIGTERM', ignore)
process.on('disconnect', () => process.exit())

const batch = new MessageBatch<FromWorker>(
  { postMessage: (messages) => process.send?.(messages, ignore) },
  serializedClone,
)
const sockets = new Map<number, Socket>()
// Without a free descriptor the kernel would drop a connection that is passed to this process.
const descriptors = new DescriptorReserve(() => batch.add({ type: 'descriptors free' }))

process.once('message', (start: WorkerStart) => {
  // Listen at once, because messages that come while the module is loading must not be lost.
  const loading = WorkerProgram.load(start, batch)
  void loading.then((program) => {
    if (program) return
    batch.flush()
    process.disconnect()
  })
  const tls = start.tls && new TlsAcceptor(start.tls)
  process.on('message', (messages: ToWorker[], socket: Socket | undefined) => {
    if (socket) adopt(socket)
    void loading.then((program) => {
      for (const message of messages) if (program) receive(program, tls, message, socket)
    })
  })
})

function receive(
  program: WorkerProgram,
  tls: TlsAcceptor | undefined,
  message: ToWorker,
  socket: Socket | undefined,
): void {
  if (message.type === 'connection') void run(program, tls, message.id, message.clientAddress, socket)
  else if (message.type === 'close') sockets.get(message.id)?.destroy()
  else program.receive(message)
}

/** Sets the server's options, because a socket that comes through the channel has Node's defaults. */
function adopt(socket: Socket): void {
  socket.allowHalfOpen = true
  socket.on('error', ignore)
  const wereScarce = descriptors.isScarce
  const error = descriptors.use(descriptorOf(socket))
  if (wereScarce || !descriptors.isScarce) return
  batch.add({ type: 'descriptors scarce', ...(error && { error: recordError(error) }) })
}

async function run(
  program: WorkerProgram,
  tls: TlsAcceptor | undefined,
  id: number,
  clientAddress: Address,
  socket: Socket | undefined,
): Promise<void> {
  if (!socket) {
    const error = new SocketServerError('CLOSED', 'the client left before its connection reached the child')
    batch.add({ type: 'finished', id, error: recordError(error) })
    return
  }
  sockets.set(id, socket)
  try {
    const request = tls ? await tls.secure(socket) : socket
    if (request !== socket) request.on('error', ignore)
    await program.run(id, request, clientAddress)
    await endWriting(request)
    linger(request, () => request.destroy())
  } catch (error) {
    batch.add({ type: 'not secured', id, error: recordError(error) })
  } finally {
    sockets.delete(id)
  }
}

function ignore(): void {}

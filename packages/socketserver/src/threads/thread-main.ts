import { parentPort, workerData } from 'node:worker_threads'
import type { Address } from '../address.js'
import { recordError } from '../error-record.js'
import { type HandlerClass, loadHandler, runHandler } from '../handlers/handler-source.js'
import { endWriting } from '../servers/graceful-close.js'
import { MessageBatch } from './message-batch.js'
import type { FromThread, ThreadStart, ToThread } from './thread-message.js'
import { ThreadServer } from './thread-server.js'
import { ThreadSocket } from './thread-socket.js'

// The program of a worker thread: loads the handler's module, then runs a handler per connection it is given.

if (parentPort === null) throw new Error('this module is the program of a worker thread')
const port = parentPort
const start = workerData as ThreadStart
const batch = new MessageBatch<FromThread>(port)
const server = new ThreadServer(start, batch)
const sockets = new Map<number, ThreadSocket>()

let Handler: HandlerClass | undefined
try {
  Handler = await loadHandler(new URL(start.handler))
  batch.add({ is: 'ready' })
} catch (error) {
  batch.add({ is: 'unusable', error: recordError(error) })
}
// Not earlier: messages wait in the port until somebody listens. Without a handler the thread ends here.
if (Handler) {
  const handler = Handler
  port.on('message', (messages: ToThread[]) => {
    for (const message of messages) receive(handler, message)
  })
}

function receive(handler: HandlerClass, message: ToThread): void {
  switch (message.is) {
    case 'connection':
      return void run(handler, message.id, message.clientAddress)
    case 'data':
      return sockets.get(message.id)?.receive(message.bytes)
    case 'end':
      return sockets.get(message.id)?.receiveEnd()
    case 'close':
      return sockets.get(message.id)?.receiveClose(message.error)
    case 'sent':
      return sockets.get(message.id)?.receiveSent(message.buffers)
    case 'closing':
      return server.close()
    case 'serving':
      return server.reopen()
  }
}

async function run(handler: HandlerClass, id: number, clientAddress: Address): Promise<void> {
  const request = new ThreadSocket(id, batch)
  // A handler hears of a failed connection where it reads or writes; alone, the event would end the thread.
  request.on('error', ignore)
  sockets.set(id, request)
  let failure: { error: unknown } | undefined
  try {
    await runHandler(handler, request, clientAddress, server)
  } catch (error) {
    failure = { error }
  }
  await endWriting(request)
  batch.add({ is: 'finished', id, ...(failure && { error: recordError(failure.error) }) })
  sockets.delete(id)
  request.destroy()
}

function ignore(): void {}

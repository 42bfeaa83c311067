/** What runs in the transfer thread: a FileSource or FileSink for each job, driven by messages. */
import { parentPort } from 'node:worker_threads'
import { prepareDigest } from '@jftp/protocol'
import { FileSink } from './file-sink.js'
import { FileSource } from './file-source.js'
import { packError, type SourceResult, type ThreadReply, type ThreadRequest } from './thread-messages.js'

/** Pieces a source may have read and not yet got back. That many keep disk, digest and socket busy at once. */
const PIECES_AHEAD = 4

interface ReadingJob {
  readonly source: FileSource
  /** Pieces that are on their way or being sent. */
  out: number
}

const reading = new Map<number, ReadingJob>()
const writing = new Map<number, FileSink>()

/** Requests that are not handled yet. */
const queue: ThreadRequest[] = []
let isWorking = false

parentPort?.on('message', (request: ThreadRequest) => {
  queue.push(request)
  if (!isWorking) void work()
})

/** Handles requests in their order, also if one has to wait for the library of its digest. */
async function work(): Promise<void> {
  isWorking = true
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    try {
      const preparing = 'alg' in request ? prepareDigest(request.alg) : undefined
      if (preparing !== undefined) await preparing
      handle(request)
    } catch (error) {
      reading.delete(request.id)
      writing.delete(request.id)
      reply({ type: 'failed', id: request.id, error: packError(error) })
    }
  }
  isWorking = false
}

function handle(request: ThreadRequest): void {
  const { id } = request
  switch (request.type) {
    case 'source': {
      const job = { source: new FileSource(request.fd, request.alg, request.before), out: 0 }
      reading.set(id, job)
      return readAhead(id, job)
    }
    case 'sink':
      writing.set(id, new FileSink(request.fd, request.alg))
      return
    case 'recycle': {
      const job = reading.get(id)
      if (job === undefined) return
      job.source.recycle(request.buffer)
      job.out--
      return readAhead(id, job)
    }
    case 'write': {
      const sink = writing.get(id)
      if (sink === undefined) return
      const pieces = request.chunks.flatMap(views)
      sink.write(pieces)
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
      const buffers = request.chunks.map((chunk) => chunk.buffer)
      return reply({ type: 'written', id, bytes, buffers }, buffers)
    }
    case 'finish': {
      const summary = writing.get(id)?.finish()
      if (summary !== undefined) reply({ type: 'finished', id, summary })
      return
    }
    case 'close':
      reading.delete(id)
      writing.delete(id)
      return reply({ type: 'closed', id })
  }
}

function readAhead(id: number, job: ReadingJob): void {
  while (job.out < PIECES_AHEAD) {
    const piece = job.source.read()
    if (piece === undefined) {
      reading.delete(id)
      reply({ type: 'last', id, result: resultOf(job.source) })
      return
    }
    job.out++
    const { buffer, byteLength } = piece.frame
    reply({ type: 'piece', id, buffer, length: byteLength }, [buffer])
  }
}

function resultOf(source: FileSource): SourceResult {
  try {
    return { type: 'read', summary: source.finish() }
  } catch (error) {
    return { type: 'failed', error: packError(error) }
  }
}

function views(chunk: { buffer: ArrayBuffer; ranges: readonly number[] }): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < chunk.ranges.length; at += 2) {
    pieces.push(new Uint8Array(chunk.buffer, chunk.ranges[at], chunk.ranges[at + 1]))
  }
  return pieces
}

function reply(message: ThreadReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

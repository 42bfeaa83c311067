import { fstatSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { DigestAlgorithm } from '@jftp/protocol'
import type { ByteSink, ByteSource } from './byte-source.js'
import type { FileVersion } from './file-reader.js'
import type { ThreadJob, ThreadLink } from './thread-job.js'
import type { ThreadReply, ThreadRequest } from './thread-messages.js'
import { ThreadSink } from './thread-sink.js'
import { ThreadSource } from './thread-source.js'

/** Files of at least this many bytes are worth a thread: for smaller ones it costs more than it saves. */
export const THREAD_SIZE = 4 * 1024 * 1024

/**
 * A thread that reads, digests and writes files for this one, so that an event loop with sockets keeps moving
 * while md5 has a core of its own. It starts with the first job and keeps the process alive only while a job is
 * open. Memory is transferred to it and back, never copied, and credit bounds how much of it is there.
 */
export class TransferThread {
  #running: RunningThread | undefined
  readonly #onFree: (buffer: ArrayBuffer) => void
  #nextId = 1

  /** `onFree` gets the memory that sinks took, once it has been written. */
  constructor(onFree: (buffer: ArrayBuffer) => void = () => {}) {
    this.#onFree = onFree
  }

  /**
   * `fd` is open for reading a regular file; `before` is the version that is to be read. It is taken before the
   * thread starts, because the thread could not notice a change that was made earlier.
   */
  openSource(fd: number, alg: DigestAlgorithm, before: FileVersion = fstatSync(fd)): ByteSource {
    const { size, mtimeMs, ctimeMs, nlink } = before
    const version = { size, mtimeMs, ctimeMs, nlink }
    return this.#open((link) => new ThreadSource(link), { type: 'source', fd, alg, before: version })
  }

  /** `fd` is open for writing, its file empty. */
  openSink(fd: number, alg: DigestAlgorithm): ByteSink {
    return this.#open((link) => new ThreadSink(link), { type: 'sink', fd, alg })
  }

  /** Ends the thread. Jobs that are still open fail. */
  async close(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.worker.terminate()
  }

  #open<J extends ThreadJob>(create: (link: ThreadLink) => J, request: OpenRequest): J {
    this.#running ??= this.#start()
    const { worker, jobs } = this.#running
    const id = this.#nextId++
    const job = create({
      id,
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      leave: () => {
        jobs.delete(id)
        if (jobs.size === 0) worker.unref()
      },
    })
    jobs.set(id, job)
    worker.ref()
    worker.postMessage({ ...request, id } satisfies ThreadRequest)
    return job
  }

  #start(): RunningThread {
    const worker = new Worker(new URL('./transfer-worker.js', import.meta.url), { name: 'jftp-transfer' })
    const running: RunningThread = { worker, jobs: new Map() }
    worker.on('message', (reply: ThreadReply) => {
      if (reply.type === 'written') for (const buffer of reply.buffers) this.#onFree(buffer)
      running.jobs.get(reply.id)?.receive(reply)
    })
    worker.on('error', (error) => this.#lose(running, error))
    worker.on('exit', () => this.#lose(running, new Error('the transfer thread ended')))
    return running
  }

  /** A thread reports its death twice, and by the second time its successor may have jobs of its own. */
  #lose(lost: RunningThread, error: Error): void {
    if (this.#running === lost) this.#running = undefined
    for (const job of lost.jobs.values()) job.fail(error)
    lost.jobs.clear()
  }
}

/** What opens a job, but for the job's own id. */
type OpenRequest =
  | Omit<Extract<ThreadRequest, { type: 'source' }>, 'id'>
  | Omit<Extract<ThreadRequest, { type: 'sink' }>, 'id'>

/** A worker and the jobs it has. */
interface RunningThread {
  readonly worker: Worker
  readonly jobs: Map<number, ThreadJob>
}

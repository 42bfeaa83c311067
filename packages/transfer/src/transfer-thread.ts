import { Worker } from 'node:worker_threads'
import type { DigestAlgorithm } from '@jftp/protocol'
import type { ByteSink, ByteSource } from './byte-source.js'
import type { ThreadJob, ThreadLink } from './thread-job.js'
import type { ThreadReply, ThreadRequest } from './thread-messages.js'
import { ThreadSink } from './thread-sink.js'
import { ThreadSource } from './thread-source.js'

/** Files of at least this many bytes are worth a thread: for smaller ones it costs more than it saves. */
export const THREAD_SIZE = 4 * 1024 * 1024

/**
 * A thread that reads, digests and writes files for this one, so that an event loop with sockets keeps
 * moving while md5 has a core of its own. Starts at the first job; keeps the process alive only while
 * a job is open. What crosses is transferred, not copied, and bounded by credit.
 */
export class TransferThread {
  readonly #jobs = new Map<number, ThreadJob>()
  #worker: Worker | undefined
  readonly #onFree: (buffer: ArrayBuffer) => void
  #nextId = 1

  /** `onFree` gets the memory that sinks took, once it has been written. */
  constructor(onFree: (buffer: ArrayBuffer) => void = () => {}) {
    this.#onFree = onFree
  }

  /** `fd` is open for reading a regular file. */
  openSource(fd: number, alg: DigestAlgorithm): ByteSource {
    return this.#open((link) => new ThreadSource(link), { type: 'source', fd, alg })
  }

  /** `fd` is open for writing, its file empty. */
  openSink(fd: number, alg: DigestAlgorithm): ByteSink {
    return this.#open((link) => new ThreadSink(link), { type: 'sink', fd, alg })
  }

  /** Ends the thread; jobs still open fail. */
  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #open<J extends ThreadJob>(
    create: (link: ThreadLink) => J,
    request: { type: 'source' | 'sink'; fd: number; alg: DigestAlgorithm },
  ): J {
    const worker = this.#start()
    const id = this.#nextId++
    const job = create({
      id,
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      leave: () => {
        this.#jobs.delete(id)
        if (this.#jobs.size === 0) worker.unref()
      },
    })
    this.#jobs.set(id, job)
    worker.ref()
    worker.postMessage({ ...request, id } satisfies ThreadRequest)
    return job
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./transfer-worker.js', import.meta.url), { name: 'jftp-transfer' })
    worker.on('message', (reply: ThreadReply) => {
      if (reply.type === 'written') for (const buffer of reply.buffers) this.#onFree(buffer)
      this.#jobs.get(reply.id)?.receive(reply)
    })
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new Error('the transfer thread ended')))
    this.#worker = worker
    return worker
  }

  #lose(worker: Worker, error: Error): void {
    if (this.#worker === worker) this.#worker = undefined
    for (const job of this.#jobs.values()) job.fail(error)
    this.#jobs.clear()
  }
}

import type { Hooks } from './hook.js'
import type { Program } from './programs/program.js'
import { UsageError } from './usage-error.js'

/** What the threads need of the tables `hooks` and `exec` of the configuration file. */
export interface Tables {
  /** The program that decides whether a complete upload becomes visible. */
  readonly acceptUpload: readonly string[] | undefined
  /** How long that program may take, in milliseconds. */
  readonly hookTimeoutMs: number
  /** Whether events for a webhook are kept in the outbox. */
  readonly hasWebhook: boolean
  /** What the operator lets users run. */
  readonly programs: readonly Program[]
}

/** The most bytes that the tables may have as JSON. */
const MAX_BYTES = 1024 * 1024

/** Two integers before the JSON: the version, which is odd while the main thread writes, and the number of bytes. */
const HEAD_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT

/** The tables in memory that all threads share, because they may be changed while sessions run. */
export class LiveTables {
  readonly memory: SharedArrayBuffer
  readonly #head: Int32Array
  readonly #bytes: Uint8Array
  #version = -1
  #current: Tables | undefined

  /** `memory` is that of the main thread's LiveTables. */
  constructor(memory = new SharedArrayBuffer(HEAD_BYTES + MAX_BYTES)) {
    this.memory = memory
    this.#head = new Int32Array(memory, 0, 2)
    this.#bytes = new Uint8Array(memory, HEAD_BYTES)
  }

  /** What is in force now. It is parsed only if it has changed. */
  get current(): Tables {
    while (this.#current === undefined || this.#version !== Atomics.load(this.#head, 0)) this.#read()
    return this.#current
  }

  /** Changes nothing, and returns the function that puts the tables into force. Throws UsageError. */
  prepare({ hooks, programs }: { readonly hooks: Hooks; readonly programs: readonly Program[] }): () => void {
    const { acceptUpload, timeoutMs: hookTimeoutMs, webhook } = hooks
    const tables: Tables = { acceptUpload, hookTimeoutMs, hasWebhook: webhook !== undefined, programs }
    const bytes = Buffer.from(JSON.stringify(tables))
    if (bytes.length > MAX_BYTES) {
      throw new UsageError(`the tables hooks and exec have more than ${MAX_BYTES} bytes; name fewer programs`)
    }
    return () => this.#write(bytes)
  }

  #write(bytes: Uint8Array): void {
    Atomics.add(this.#head, 0, 1)
    this.#bytes.set(bytes)
    Atomics.store(this.#head, 1, bytes.length)
    Atomics.add(this.#head, 0, 1)
  }

  /** Nothing is taken over that the main thread has changed meanwhile. */
  #read(): void {
    const version = Atomics.load(this.#head, 0)
    const json = Buffer.from(this.#bytes.slice(0, Atomics.load(this.#head, 1)))
    if (version % 2 !== 0 || Atomics.load(this.#head, 0) !== version) return
    this.#current = JSON.parse(json.toString()) as Tables
    this.#version = version
  }
}

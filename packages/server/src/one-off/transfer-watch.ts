import type { Digest, OneOffMessage } from '@jftp/protocol'
import { type SharedFile, statOf } from './share-plan.js'

/** What is read here of a line of the log; docs/OPERATIONS.md lists them all. */
export interface LogLine {
  readonly type: string
  readonly session?: number
  readonly client?: string
  readonly result?: string
  readonly error?: string
  readonly op?: 'put' | 'get'
  readonly path?: string
  readonly bytes?: number
  readonly size?: number
  readonly resumedFrom?: number
  readonly ms?: number
  readonly digest?: Digest
  readonly bye?: boolean
  readonly reason?: string
}

/** Reads the log of a one-off server, and finds out when everything has passed that had to. */
export class TransferWatch {
  /** The files that have to be downloaded; undefined if files are received. */
  readonly #missing: Map<string, SharedFile> | undefined
  /** Bytes of each file that have passed in all its transfers together, or that the other side had before. */
  readonly #passed = new Map<string, number>()
  /** The files that each visitor has downloaded, by the number of the session. */
  readonly #visitors = new Map<number, [path: string, file: SharedFile][]>()
  /** Uploads that have failed since somebody came, and were not repeated. Whoever comes back may choose other names. */
  readonly #failed = new Set<string>()
  /** Uploads since somebody came that left a file in its place. */
  #stored = 0
  #wasCut = false
  readonly #tell: (message: OneOffMessage) => void

  /** `files`: those that have to be downloaded, by their remote paths; undefined to wait for an upload. */
  constructor(files: ReadonlyMap<string, SharedFile> | undefined, tell: (message: OneOffMessage) => void) {
    this.#missing = files === undefined ? undefined : new Map(files)
    this.#tell = tell
  }

  /** How many sessions have logged in and are still there. */
  get visitors(): number {
    return this.#visitors.size
  }

  /**
   * Whether all has passed and the other side has left. Only a client that says that it leaves has all: what is sent to
   * one that is cut off may not have arrived, and only the client knows how many files it wants to store.
   */
  get isComplete(): boolean {
    if (this.visitors > 0) return false
    if (this.#missing !== undefined) return this.#missing.size === 0
    return this.#stored > 0 && this.#failed.size === 0 && !this.#wasCut
  }

  /** Whether the end waits for this file. */
  isAwaited(path: string): boolean {
    return this.#missing === undefined || this.#missing.has(path)
  }

  note(line: LogLine): void {
    switch (line.type) {
      case 'login':
        return this.#login(line)
      case 'transfer':
        // What somebody asks for before they have logged in is refused, and says nothing.
        if (!this.#visitors.has(line.session ?? 0)) return
        if (this.#missing === undefined) return line.op === 'put' ? this.#upload(line) : undefined
        return line.op === 'get' ? this.#download(line) : undefined
      case 'session-ended':
        return this.#ended(line)
      case 'session-refused':
        return this.#tell({ type: 'refused', client: line.client ?? '', reason: line.error ?? '' })
      default:
    }
  }

  #login({ session = 0, client = '', result, error = '' }: LogLine): void {
    if (result !== 'ok') return this.#tell({ type: 'refused', client, reason: error })
    const isFirst = this.visitors === 0
    if (!this.#visitors.has(session)) this.#visitors.set(session, [])
    if (!isFirst) return
    this.#failed.clear()
    this.#stored = 0
    this.#tell({ type: 'joined', client })
  }

  #download({ session = 0, path = '', result, error, ms = 0, digest, ...line }: LogLine): void {
    const file = this.#missing?.get(path)
    if (file === undefined) return
    const { bytes = 0, size = 0, resumedFrom = 0 } = line
    const passed = (this.#passed.get(path) ?? 0) + bytes + resumedFrom
    this.#passed.set(path, passed)
    if (result !== 'ok') return this.#tell({ type: 'cut', path, reason: error ?? '' })
    // A client may fetch a file in segments, or the rest of one that was cut.
    if (passed < size) return
    this.#missing?.delete(path)
    this.#visitors.get(session)?.push([path, file])
    this.#tell({ type: 'transferred', path, bytes: size, ms, digest })
  }

  #upload({ path = '', bytes = 0, size = bytes, result, error, ms = 0, digest }: LogLine): void {
    if (result !== 'ok' && result !== 'unchanged' && result !== 'skipped') {
      this.#failed.add(path)
      return this.#tell({ type: 'cut', path, reason: error ?? '' })
    }
    this.#failed.delete(path)
    this.#stored++
    if (result !== 'ok') return
    this.#tell({ type: 'transferred', path, bytes: size, ms, digest })
  }

  #ended({ session = 0, client = '', bye, reason }: LogLine): void {
    const fetched = this.#visitors.get(session)
    if (fetched === undefined) return
    this.#visitors.delete(session)
    // The server itself ends a session whose client has been idle for long: then nothing was on its way.
    this.#wasCut = bye !== true && reason === undefined
    if (this.#wasCut) for (const [path, file] of fetched) this.#missing?.set(path, file)
    if (this.visitors > 0) return
    this.#forgetRemoved()
    const left = [...(this.#missing?.values() ?? [])]
    const bytesLeft = left.reduce((sum, { size }) => sum + size, 0)
    this.#tell({ type: 'left', client, filesLeft: left.length, bytesLeft })
  }

  /** Nobody can download what is not there any more. */
  #forgetRemoved(): void {
    for (const [path, { realPath }] of this.#missing ?? []) {
      if (statOf(realPath)?.isFile() !== true) this.#missing?.delete(path)
    }
  }
}

import { ProtocolError } from '@jftp/protocol'
import type { Address } from '@jftp/socketserver'
import { KickedSessions } from '../kicked-sessions.js'
import type { ActivityRecord, ProgressRecord } from '../session/session-record.js'
import { addressGroup } from './address-group.js'

/** How many connections there may be at once. */
export interface ConnectionLimits {
  readonly total: number
  /** From one IPv4 address, or one network of IPv6 of the kind a single customer has. */
  readonly perAddress: number
}

/** A transfer that takes long, as the main thread knows it. */
export interface RunningTransfer {
  readonly requestId: number
  readonly op: 'put' | 'get'
  readonly path: string
  /** Bytes of the file, if that is known. */
  readonly size: number | undefined
  /** Milliseconds since 1970. */
  readonly since: number
  /** Bytes that have passed so far; a worker tells it once a second. */
  bytes: number
  /** Bytes per second at the moment. */
  rate: number
  /** When `bytes` was told last: milliseconds since 1970. */
  toldAt: number
}

/** One connection, as the main thread knows it. */
export interface SessionEntry {
  /** Unique as long as the server runs. */
  readonly id: number
  readonly client: Address
  /** Milliseconds since 1970. */
  readonly since: number
  /** Who has logged in; empty before that. */
  user: string
  /** The transfer that is under way, if it is one that takes long. */
  transfer: RunningTransfer | undefined
  /** Whether the client has said that it leaves. */
  hasSaidBye: boolean
  /** Why the server ends it; undefined while it goes on, and if the client simply leaves. */
  reason: string | undefined
}

/** A rate over less time than this says little. */
const MIN_RATE_SECONDS = 0.2

/**
 * Every session of the server, in whichever thread it runs. It is kept in the main thread, so what is counted and
 * decided here holds for all workers together.
 */
export class SessionTable {
  #limits: ConnectionLimits
  readonly #sessions = new Map<number, SessionEntry>()
  /** The ids of the connections. */
  readonly #ids = new Map<unknown, number>()
  readonly #kicked = new KickedSessions()
  /** Sessions by address group. */
  readonly #counts = new Map<string, number>()
  #lastId = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  get limits(): ConnectionLimits {
    return this.#limits
  }

  /** Sessions that are there already stay, however many they are. */
  set limits(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /** What a client is told who comes when the server is full. */
  get full(): ProtocolError {
    const { total } = this.#limits
    return new ProtocolError('too-many-connections', `the server has ${total} connections; try again later`)
  }

  /** Throws `too-many-connections` if there are enough sessions of clients with this address. */
  admit(client: Address): void {
    const { perAddress } = this.#limits
    const group = addressGroup(client)
    if (group !== undefined && (this.#counts.get(group) ?? 0) >= perAddress) {
      throw new ProtocolError(
        'too-many-connections',
        `the server has ${perAddress} connections from your address; close one, or try again later`,
      )
    }
  }

  /** `request` is the connection, by which `of` finds the session. */
  begin(request: unknown, client: Address): SessionEntry {
    const id = ++this.#lastId
    const entry: SessionEntry = {
      id,
      client,
      since: Date.now(),
      user: '',
      transfer: undefined,
      hasSaidBye: false,
      reason: undefined,
    }
    this.#sessions.set(id, entry)
    this.#ids.set(request, id)
    this.#count(client, 1)
    return entry
  }

  end(request: unknown): void {
    const entry = this.of(request)
    if (entry === undefined) return
    this.#ids.delete(request)
    this.#sessions.delete(entry.id)
    this.#count(entry.client, -1)
  }

  /** The session of a connection. */
  of(request: unknown): SessionEntry | undefined {
    return this.get(this.#ids.get(request) ?? 0)
  }

  get(id: number): SessionEntry | undefined {
    return this.#sessions.get(id)
  }

  /** The memory by which the threads learn whom `kick` ends. */
  get kicked(): SharedArrayBuffer {
    return this.#kicked.memory
  }

  /** Ends a session: its thread learns it within a second. Returns its connection, or undefined if there is no such session. */
  kick(id: number): unknown {
    if (!this.#sessions.has(id)) return undefined
    this.#kicked.add(id)
    for (const [request, session] of this.#ids) if (session === id) return request
    return undefined
  }

  beginTransfer(session: SessionEntry, { requestId, op, path, size }: ActivityRecord): void {
    const now = Date.now()
    session.transfer = { requestId, op, path, size, since: now, bytes: 0, rate: 0, toldAt: now }
  }

  noteProgress({ transfer }: SessionEntry, { requestId, bytes }: ProgressRecord): void {
    if (transfer?.requestId !== requestId) return
    const now = Date.now()
    const seconds = (now - transfer.toldAt) / 1000
    // Half of the old rate, so that the number is steady enough to be read. The last report of a transfer may come
    // right after another.
    if (seconds >= MIN_RATE_SECONDS) {
      const latest = (bytes - transfer.bytes) / seconds
      transfer.rate = transfer.bytes === 0 ? latest : (transfer.rate + latest) / 2
      transfer.toldAt = now
    }
    transfer.bytes = bytes
  }

  /** What was under way when the server cut the session off stays: it is told at the session's end. */
  endTransfer(session: SessionEntry, requestId: number): void {
    const isOver = session.transfer?.requestId === requestId && session.reason === undefined
    if (isOver) session.transfer = undefined
  }

  [Symbol.iterator](): Iterator<SessionEntry> {
    return this.#sessions.values()
  }

  #count(client: Address, change: 1 | -1): void {
    const group = addressGroup(client)
    if (group === undefined) return
    const count = (this.#counts.get(group) ?? 0) + change
    if (count === 0) this.#counts.delete(group)
    else this.#counts.set(group, count)
  }
}

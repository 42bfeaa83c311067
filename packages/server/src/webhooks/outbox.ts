import { readdirSync, rmSync, statSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { UploadFacts } from '../hook.js'
import { renameDurably, writePrivateFile } from '../private-file.js'
import { DAEMON_ID, OWN_ID } from '../storage/daemon-id.js'
import { isRunning } from '../storage/life-sign.js'
import { RESERVED_NAME } from '../storage/path-walk.js'
import { makeReservedFolder } from '../storage/reserved-folder.js'
import { describeUpload } from './webhook.js'

/** How many events may wait, and how many bytes they may have together: 10,000 and 64 MiB. */
const MAX_EVENTS = 10_000
const MAX_BYTES = 64 * 1024 * 1024

const FOLDER = 'webhooks'

/** The time of the upload, the id of the event, and the daemon that sends it. */
const NAME = new RegExp(
  `^(?<time>\\d{13})-(?<id>[0-9a-f-]{36})\\.(?<daemon>${DAEMON_ID.source})\\.json(?<draft>\\.new)?$`,
)

/** An event in the outbox. `name` is that of its file. */
export interface QueuedEvent {
  readonly name: string
  readonly bytes: number
}

/** What the name of a file says. A draft is not whole yet. */
interface EventFile {
  readonly name: string
  /** The id of its daemon. */
  readonly daemon: string
  readonly isDraft: boolean
}

/**
 * The events that wait to be sent, one file each, in `ROOT/.jftp/webhooks`: on the file system of the uploads, so they
 * last as long as these do. All threads add to it, and the main thread alone takes from it.
 */
export class Outbox {
  readonly #root: string
  readonly #path: string
  /** How many events there are, and how many bytes they have. */
  readonly #used: Int32Array

  /** `memory`: that of the outbox in the main thread. */
  constructor(root: string, memory = new SharedArrayBuffer(8)) {
    this.#root = root
    this.#path = join(root, RESERVED_NAME, FOLDER)
    this.#used = new Int32Array(memory)
  }

  /** Makes the folder if it is missing. Throws the system's error. To be called once, before any event is added. */
  open(): void {
    makeReservedFolder(this.#root, FOLDER).close()
    // A daemon that had this id before has ended.
    for (const { name, daemon, isDraft } of this.#files()) {
      if (daemon !== OWN_ID) continue
      if (isDraft) rmSync(join(this.#path, name), { force: true })
      else this.#count(this.#sizeOf(name))
    }
  }

  /** How many events wait under the root that no running daemon will send. */
  static async countLeft(root: string): Promise<number> {
    let count = 0
    try {
      const outbox = new Outbox(root)
      for (const file of outbox.#files()) {
        if (!file.isDraft && (file.daemon === OWN_ID || !(await outbox.#isInUse(file)))) count++
      }
      return count
    } catch {
      // There is no such folder, or this user may not read it.
      return 0
    }
  }

  get memory(): SharedArrayBuffer {
    return this.#used.buffer as SharedArrayBuffer
  }

  /** Resolves when the event is durable. Rejects if there is no room for it or it can't be written. */
  async add(facts: UploadFacts): Promise<QueuedEvent> {
    const time = new Date()
    const { id, body } = describeUpload(facts, time)
    const name = `${String(time.getTime()).padStart(13, '0')}-${id}.${OWN_ID}.json`
    const event = { name, bytes: Buffer.byteLength(body) }
    this.#count(event.bytes)
    try {
      this.#requireRoom()
      await this.#write(name, body)
    } catch (error) {
      await this.remove(event)
      throw error
    }
    return event
  }

  /** The events of this daemon that were added before that time (a `Date.now()`), the oldest first. */
  own(before: number): QueuedEvent[] {
    return this.#files()
      .filter((file) => file.daemon === OWN_ID && !file.isDraft && timeOf(file) < before)
      .map(({ name }) => ({ name, bytes: this.#sizeOf(name) }))
  }

  /** Makes the events of daemons that were killed its own. Resolves to these, the oldest first. */
  async takeOver(): Promise<QueuedEvent[]> {
    const events: QueuedEvent[] = []
    for (const file of this.#files()) {
      if (file.daemon === OWN_ID || (await this.#isInUse(file))) continue
      if (file.isDraft) await rm(join(this.#path, file.name), { force: true })
      else events.push(...(await this.#takeOver(file.name)))
    }
    return events
  }

  async read({ name }: QueuedEvent): Promise<string> {
    return await readFile(join(this.#path, name), 'utf8')
  }

  async remove({ name, bytes }: QueuedEvent): Promise<void> {
    const path = join(this.#path, name)
    await rm(path, { force: true })
    await rm(`${path}.new`, { force: true })
    this.#count(-bytes)
  }

  /** Whether another daemon runs that sends it. */
  async #isInUse({ name, daemon }: EventFile): Promise<boolean> {
    return await isRunning(this.#root, daemon, join(this.#path, name))
  }

  #requireRoom(): void {
    const [events = 0, bytes = 0] = this.#used
    if (events > MAX_EVENTS) throw new Error(`${MAX_EVENTS} events wait already`)
    if (bytes > MAX_BYTES) throw new Error('the events that wait have 64 MiB already')
  }

  #count(bytes: number): void {
    Atomics.add(this.#used, 0, Math.sign(bytes))
    Atomics.add(this.#used, 1, bytes)
  }

  /** It appears under its name only when it is whole and synced. */
  async #write(name: string, body: string): Promise<void> {
    const path = join(this.#path, name)
    await writePrivateFile(`${path}.new`, body)
    await renameDurably(`${path}.new`, path)
  }

  /** Nothing if another daemon was faster. */
  async #takeOver(name: string): Promise<QueuedEvent[]> {
    const own = name.replace(/[^.]+\.json$/, `${OWN_ID}.json`)
    try {
      await rename(join(this.#path, name), join(this.#path, own))
    } catch {
      return []
    }
    const event = { name: own, bytes: this.#sizeOf(own) }
    this.#count(event.bytes)
    return [event]
  }

  #files(): EventFile[] {
    return readdirSync(this.#path)
      .sort()
      .flatMap((name) => {
        const groups = NAME.exec(name)?.groups
        if (groups === undefined) return []
        return [{ name, daemon: groups['daemon'] ?? '', isDraft: groups['draft'] !== undefined }]
      })
  }

  #sizeOf(name: string): number {
    return statSync(join(this.#path, name), { throwIfNoEntry: false })?.size ?? 0
  }
}

/** When the upload of the event was stored, in milliseconds since 1970. */
export function timeOf({ name }: Pick<QueuedEvent, 'name'>): number {
  return Number(NAME.exec(name)?.groups?.['time'])
}

export function idOf({ name }: QueuedEvent): string {
  return NAME.exec(name)?.groups?.['id'] ?? ''
}

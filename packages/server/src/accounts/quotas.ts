import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '@jftp/protocol'

/** After this time the files are counted again, because others may have changed them: ten minutes, in ms. */
const COUNT_EVERY = 600_000

/** Before somebody is refused, the files are counted again, but not more often than this, in ms. */
const COUNT_AGAIN = 1_000

/** Bytes that are set aside for an upload of one session. */
interface Reservation {
  readonly session: number
  readonly home: Home
  readonly bytes: number
}

/** What is known of the files in one home. It may be too much, if some were removed, but never too little. */
interface Home {
  readonly path: string
  /** Bytes of the files that are there; undefined if they were not counted yet. */
  used: number | undefined
  /** Bytes that were stored since the last count began. */
  storedSince: number
  reserved: number
  countedAt: number
  counting: Promise<void> | undefined
}

/**
 * How many bytes users may still store. All sessions in all threads reserve here before they store anything, so what
 * is in a home and what is on its way together never exceed the quota. What is removed is found by counting again.
 */
export class Quotas {
  readonly #homes = new Map<string, Home>()
  readonly #reservations = new Map<number, Reservation>()
  #lastId = 0
  #isCountingOld = false

  /** Bytes of the files in each of the homes; undefined if they were not counted yet. Old counts are renewed later. */
  used(paths: readonly string[]): (number | undefined)[] {
    const homes = paths.map((path) => this.#home(path))
    void this.#countOld(homes)
    return homes.map(({ used }) => used)
  }

  /** Resolves to the number of the reservation. Throws `over-quota`. */
  async reserve(session: number, path: string, quota: number, bytes: number): Promise<number> {
    const home = this.#home(path)
    if (home.used === undefined || isOlder(home, COUNT_EVERY)) await this.#count(home)
    if (this.#left(home, quota) < bytes) await this.#countAgain(home)
    // From here to the reservation nobody else has a turn.
    const left = this.#left(home, quota)
    if (left < bytes) {
      throw new ProtocolError(
        'over-quota',
        `the quota of ${quota} bytes has ${Math.max(0, left)} left, and this needs ${bytes}`,
      )
    }
    const id = ++this.#lastId
    home.reserved += bytes
    this.#reservations.set(id, { session, home, bytes })
    return id
  }

  /** Ends a reservation. `stored`: the bytes of the file that was stored. */
  settle(id: number, stored: number): void {
    const reservation = this.#reservations.get(id)
    if (reservation === undefined) return
    this.#reservations.delete(id)
    const { home, bytes } = reservation
    home.reserved -= bytes
    home.storedSince += stored
    if (home.used !== undefined) home.used += stored
  }

  /** Ends what a session has left behind, because its thread died. What it has stored is not known. */
  end(session: number): void {
    for (const [id, reservation] of this.#reservations) {
      if (reservation.session !== session) continue
      this.settle(id, 0)
      reservation.home.used = undefined
    }
  }

  /** As long as nobody knows what is used, nothing is left. */
  #left({ used = Number.POSITIVE_INFINITY, reserved }: Home, quota: number): number {
    return quota - used - reserved
  }

  #home(path: string): Home {
    const known = this.#homes.get(path)
    if (known !== undefined) return known
    const home: Home = {
      path,
      used: undefined,
      storedSince: 0,
      reserved: 0,
      countedAt: 0,
      counting: undefined,
    }
    this.#homes.set(path, home)
    return home
  }

  /** One home after the other, so that somebody who only looks does not keep the disk busy. */
  async #countOld(homes: readonly Home[]): Promise<void> {
    if (this.#isCountingOld) return
    this.#isCountingOld = true
    for (const home of homes) {
      if (home.used === undefined || isOlder(home, COUNT_EVERY)) await this.#count(home)
    }
    this.#isCountingOld = false
  }

  /** Something may have been removed. Whoever is refused again and again waits, so that it costs little. */
  async #countAgain(home: Home): Promise<void> {
    const wait = home.countedAt + COUNT_AGAIN - performance.now()
    // A timer may be a little early.
    if (wait > 0) await sleep(Math.ceil(wait) + 1)
    if (home.used === undefined || isOlder(home, COUNT_AGAIN)) await this.#count(home)
  }

  /** Those who come meanwhile wait for the same result. */
  async #count(home: Home): Promise<void> {
    home.counting ??= this.#countNow(home).finally(() => {
      home.counting = undefined
    })
    await home.counting
  }

  async #countNow(home: Home): Promise<void> {
    home.storedSince = 0
    const found = await bytesBelow(home.path)
    // What was stored meanwhile may be counted twice: too much is safe, and the next count puts it right.
    home.used = found + home.storedSince
    home.countedAt = performance.now()
  }
}

function isOlder({ countedAt }: Home, ms: number): boolean {
  return performance.now() - countedAt >= ms
}

/** The bytes of all files in a folder and below it. Links are not followed. What can't be read is left out. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) bytes += await bytesBelow(path)
      else if (entry.isFile()) bytes += (await lstat(path).catch(() => undefined))?.size ?? 0
    }
  } catch {
    // It is gone, or nobody may read it.
  }
  return bytes
}

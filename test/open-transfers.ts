import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.js'
import { RawClient, say } from './raw-client.js'

const SIZE = 64 * 1024
const COUNT = 10

/** Transfers in both directions that have begun and can't end before `finish`. */
export class OpenTransfers implements Disposable {
  /** Those of the clients, as the log shows them. */
  readonly addresses: string[] = []
  readonly #puts: RawClient[] = []
  readonly #gets: RawClient[] = []
  readonly #root: string
  readonly #name: string

  private constructor(root: string, name: string) {
    this.#root = root
    this.#name = name
  }

  /** Makes the file that is fetched. To be called before `begin`. */
  static layOut(root: string): void {
    writeFileSync(join(root, 'large'), Buffer.alloc(12 * 1024 * 1024, 1))
  }

  /** Begins ten uploads of files whose names begin with `name`, and ten downloads. */
  static async begin(place: Place, root: string, name: string): Promise<OpenTransfers> {
    const transfers = new OpenTransfers(root, name)
    for (let index = 0; index < COUNT; index++) {
      const put = await RawClient.login(place)
      transfers.#puts.push(put)
      await put.ask(1, 'put', { path: `/${name}-${index}` })
      put.send(say.data(1, contentOf(name, index).subarray(0, SIZE / 2)))
      const get = await RawClient.login(place)
      transfers.#gets.push(get)
      // Nobody reads on, so most of the file stays with the server.
      await get.ask(1, 'get', { path: '/large' })
      for (const { socket } of [put, get]) {
        transfers.addresses.push(`${socket.localAddress}:${socket.localPort}`)
      }
    }
    return transfers
  }

  /** Resolves to how many ended well: the server has stored the file, or the client has all of it. */
  async finish(): Promise<number> {
    let count = 0
    for (const [index, client] of this.#puts.entries()) {
      const content = contentOf(this.#name, index)
      client.send(say.data(1, content.subarray(SIZE / 2)), say.end(1, content))
      if ((await client.ack(1))['status'] === 'stored') count++
      client.half()
    }
    for (const client of this.#gets) {
      const { bytes, end } = await client.body(1)
      const hash = createHash('md5').update(bytes).digest('hex')
      if ((end['digest'] as { hex: string }).hex === hash) count++
      client.half()
    }
    return count
  }

  /** Whether every file that was put is there and whole. */
  get areStored(): boolean {
    return this.#puts.every((_put, index) =>
      readFileSync(join(this.#root, `${this.#name}-${index}`)).equals(contentOf(this.#name, index)),
    )
  }

  [Symbol.dispose](): void {
    for (const client of [...this.#puts, ...this.#gets]) client[Symbol.dispose]()
  }
}

function contentOf(name: string, index: number): Buffer {
  return Buffer.alloc(SIZE, `${name} ${index} `)
}

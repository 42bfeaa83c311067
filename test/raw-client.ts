import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  createDigester,
  createHello,
  type Digest,
  encodeDataFrame,
  encodeEmptyFrame,
  encodeJsonFrame,
  type Frame,
  FrameDecoder,
  FrameType,
  frameTypeName,
} from '@jftp/protocol'
import { connectOptions, type Place } from './place.js'

type Json = Record<string, unknown>

/** A frame with what is in it. */
export interface Said {
  readonly type: string
  readonly id: number
  /** The JSON of frames that carry one. */
  readonly json: Json
  readonly payload: Uint8Array
}

/** Frames ready to be sent: joined, they leave in one flight. */
export const say = {
  hello: () => encodeJsonFrame(FrameType.HELLO, 0, createHello('raw/1')),
  login: (id = 0) => encodeJsonFrame(FrameType.REQUEST, id, { cmd: 'login', user: 'anonymous' }),
  request: (id: number, cmd: string, args: Json = {}) =>
    encodeJsonFrame(FrameType.REQUEST, id, { cmd, ...args }),
  data: (id: number, bytes: Uint8Array | string) => encodeDataFrame(id, Buffer.from(bytes)),
  end: (id: number, bytes: Uint8Array | string) => encodeJsonFrame(FrameType.END, id, passedOf(bytes)),
  failedEnd: (id: number, code = 'cancelled') =>
    encodeJsonFrame(FrameType.END, id, { error: { code, message: 'the sender failed', retryable: true } }),
  cancel: (id: number) => encodeEmptyFrame(FrameType.CANCEL, id),
  ping: (id: number) => encodeEmptyFrame(FrameType.PING, id),
  bye: () => encodeJsonFrame(FrameType.BYE, 0, {}),
  /** A whole upload in one flight. */
  eagerPut: (id: number, path: string, bytes: Uint8Array | string, args: Json = {}) =>
    Buffer.concat([
      say.request(id, 'put', { path, eager: true, ...args }),
      ...(bytes.length === 0 ? [] : [say.data(id, bytes)]),
      say.end(id, bytes),
    ]),
}

/** Size and md5, as an END has them. */
export function passedOf(bytes: Uint8Array | string): { size: number; digest: Digest | undefined } {
  const content = Buffer.from(bytes)
  const digester = createDigester('md5')
  digester.update(content)
  return { size: content.length, digest: digester.digest() }
}

/** A client that sends exactly the frames it is told to and hands out what comes back one by one. */
export class RawClient implements Disposable {
  readonly socket: Socket
  readonly #decoder = new FrameDecoder({ data: 'whole' })
  readonly #chunks: AsyncIterator<Buffer>

  private constructor(socket: Socket) {
    this.socket = socket
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  }

  static async connect(place: Place): Promise<RawClient> {
    const socket = connect({ ...connectOptions(place), allowHalfOpen: true })
    await once(socket, 'connect')
    return RawClient.on(socket)
  }

  /** Takes a connection that has been made. */
  static on(socket: Socket): RawClient {
    // A reset is one of the ways a server goes.
    socket.on('error', () => {})
    return new RawClient(socket)
  }

  /** Connects, greets and logs in. */
  static async login(place: Place): Promise<RawClient> {
    const client = await RawClient.connect(place)
    client.send(say.hello(), say.login())
    const [hello, login] = [await client.next(), await client.next()]
    if (hello?.type !== 'HELLO' || login?.json['ok'] !== true) throw new Error('could not log in')
    return client
  }

  send(...frames: Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** Sends no more, and may still read. */
  half(): void {
    this.socket.end()
  }

  /** The next frame; undefined when the server has closed. */
  async next(): Promise<Said | undefined> {
    for (;;) {
      const frame = this.#decoder.next()
      if (frame !== undefined) return toSaid(frame)
      const chunk = await this.#chunks.next().catch(() => ({ done: true, value: undefined }) as const)
      if (chunk.done === true) return undefined
      this.#decoder.push(chunk.value)
    }
  }

  /** All frames to the end of the connection. */
  async rest(): Promise<Said[]> {
    const frames: Said[] = []
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) frames.push(frame)
    return frames
  }

  /** The JSON of the next frame, which must be an ACK for `id`. */
  async ack(id: number): Promise<Json> {
    const frame = await this.next()
    if (frame?.type !== 'ACK' || frame.id !== id) throw new Error(`no ACK for ${id}: ${show(frame)}`)
    return frame.json
  }

  /** Asks and waits for the ACK. */
  async ask(id: number, cmd: string, args: Json = {}): Promise<Json> {
    this.send(say.request(id, cmd, args))
    return this.ack(id)
  }

  /** DATA… and END of `id`. */
  async body(id: number): Promise<{ bytes: Buffer; end: Json }> {
    const pieces: Uint8Array[] = []
    for (;;) {
      const frame = await this.next()
      if (frame === undefined || frame.id !== id) throw new Error(`no body for ${id}: ${show(frame)}`)
      if (frame.type === 'END') return { bytes: Buffer.concat(pieces), end: frame.json }
      if (frame.type !== 'DATA') throw new Error(`no body for ${id}: ${show(frame)}`)
      pieces.push(Buffer.from(frame.payload))
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

/** The code of the error in an ACK, an END or a BYE; `none` where there is none. */
export function errorCode(json: Json | undefined): string {
  const error = json?.['error'] as { code?: string } | undefined
  return error?.code ?? 'none'
}

function toSaid({ type, id, payload }: Frame): Said {
  const isJson = type !== FrameType.DATA && payload.length > 0
  const json = isJson ? (JSON.parse(Buffer.from(payload).toString()) as Json) : {}
  return { type: frameTypeName(type), id, json, payload }
}

function show(frame: Said | undefined): string {
  return frame === undefined
    ? 'the connection has ended'
    : `${frame.type} ${frame.id} ${JSON.stringify(frame.json)}`
}

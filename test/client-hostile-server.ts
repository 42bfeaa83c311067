import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import {
  createHello,
  encodeDataFrame,
  encodeJsonFrame,
  type Frame,
  FrameDecoder,
  FrameType,
  frameTypeName,
  parseEnd,
  parseRequest,
} from '@jftp/protocol'

/**
 * What a hostile server answers to a command or to another frame, by its name (`stat`, `DATA`, `END`):
 * frames, written as they are, or nothing from now on. `args` is what its JSON holds.
 */
export type Answer = (id: number, args: Record<string, unknown>) => Uint8Array[] | 'stop reading'

/** A server that greets properly and then says what it likes. */
export class HostileServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** What a client said, each with its id; one DATA after the other counts once. */
  readonly heard: string[] = []

  private constructor(answers: Readonly<Record<string, Answer>>, hello: object | 'silent') {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      if (hello !== 'silent') socket.write(encodeJsonFrame(FrameType.HELLO, 0, hello))
      const decoder = new FrameDecoder({ data: 'whole' })
      socket.on('data', (chunk) => {
        decoder.push(chunk)
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          this.#answer(socket, frame, answers)
        }
      })
    })
  }

  static async start(answers: Record<string, Answer>, hello: object | 'silent' = createHello('hostile')) {
    const server = new HostileServer(answers, hello)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get url(): string {
    const address = this.#server.address()
    return `jftp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  /** Bytes that the clients' side has taken: the others wait here. */
  get taken(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0)
  }

  /** To every client. */
  send(frames: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(frames)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(socket: Socket, { type, id, payload }: Frame, answers: Readonly<Record<string, Answer>>): void {
    if (type === FrameType.HELLO) return
    const { cmd, args } =
      type === FrameType.REQUEST ? parseRequest(payload) : { cmd: frameTypeName(type), args: {} }
    const said = `${cmd} ${id}`
    if (this.heard.at(-1) !== said) this.heard.push(said)
    const answer = answers[cmd] ?? (cmd === 'login' ? admit : ignore)
    const body = type === FrameType.END ? bodyOf(payload) : args
    const frames = answer(id, body)
    if (frames === 'stop reading') socket.pause()
    else for (const frame of frames) socket.write(frame)
  }
}

/** What an END says, without the name that the parser gives its kind. */
function bodyOf(payload: Uint8Array): Record<string, unknown> {
  const { type: _, ...body } = parseEnd(payload)
  return body
}

const admit: Answer = (id) => [ack(id, { user: 'anonymous', home: '/', permissions: [] })]
const ignore: Answer = () => []

export const ack = (id: number, facts: object) => encodeJsonFrame(FrameType.ACK, id, { ok: true, ...facts })
export const end = (id: number, body: object) => encodeJsonFrame(FrameType.END, id, body)
export const data = (id: number, text: string) => encodeDataFrame(id, Buffer.from(text))

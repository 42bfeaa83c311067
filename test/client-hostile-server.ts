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
  parseRequest,
} from '@jftp/protocol'

/** What a hostile server answers to a request: frames, written as they are. */
export type Answer = (id: number, args: Record<string, unknown>) => Uint8Array[]

/** A server that greets properly and then says what it likes. */
export class HostileServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Frames of clients, as names of commands and types. */
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(socket: Socket, { type, id, payload }: Frame, answers: Readonly<Record<string, Answer>>): void {
    if (type === FrameType.BYE || type === FrameType.PONG) this.heard.push(frameTypeName(type))
    if (type !== FrameType.REQUEST) return
    const { cmd, args } = parseRequest(payload)
    this.heard.push(cmd)
    const login: Answer = () => [ack(id, { user: 'anonymous', home: '/', permissions: [] })]
    for (const frame of (answers[cmd] ?? (cmd === 'login' ? login : () => []))(id, args)) socket.write(frame)
  }
}

export const ack = (id: number, facts: object) => encodeJsonFrame(FrameType.ACK, id, { ok: true, ...facts })
export const end = (id: number, body: object) => encodeJsonFrame(FrameType.END, id, body)
export const data = (id: number, text: string) => encodeDataFrame(id, Buffer.from(text))

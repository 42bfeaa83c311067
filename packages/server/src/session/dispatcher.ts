import {
  COMMANDS,
  encodeJsonFrame,
  FrameType,
  normalizeRemotePath,
  ProtocolError,
  parseArguments,
} from '@jftp/protocol'
import type { Passed } from '@jftp/transfer'
import type { Command, CommandContext, Outgoing, Visitor } from '../commands/command.js'
import { COMMAND_TABLE } from '../commands/table.js'
import { toProtocolError } from '../storage/disk-error.js'
import type { CommitOutcome, Upload } from '../storage/storage.js'
import type { Connection } from './connection.js'
import type { Exchange } from './exchange.js'
import type { Inbox } from './inbox.js'
import { receiveIncoming } from './incoming.js'
import type { Outbox } from './outbox.js'
import { sendOutgoing } from './outgoing.js'
import type { SessionSite } from './session.js'
import { UploadQueue } from './upload-queue.js'

/** Uploads of one session that may wait for the disk at once: each holds two descriptors. */
const MAX_UNSETTLED = 128

/** Takes requests to their rows of the command table and answers them, in the order they came. */
export class Dispatcher {
  readonly #site: SessionSite
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #connection: Connection
  readonly #onTaken: () => void
  readonly #uploads = new UploadQueue()
  #visitor: Visitor | undefined
  #cwd = '/'

  constructor(site: SessionSite, inbox: Inbox, outbox: Outbox, connection: Connection, onTaken: () => void) {
    this.#site = site
    this.#inbox = inbox
    this.#outbox = outbox
    this.#connection = connection
    this.#onTaken = onTaken
  }

  /** Resolves when the next request may be taken; never rejects, errors are answers. */
  async run(exchange: Exchange): Promise<void> {
    try {
      const command = this.#admit(exchange)
      const args = parseArguments(command.name, exchange.args)
      if (exchange.cancelled === 'yes') throw new ProtocolError('cancelled', 'cancelled by the client')
      const { shape } = COMMANDS[command.name]
      if (shape === 'incoming')
        return await this.#runIncoming(exchange, command as Command<'put'>, args as never)
      await this.#uploads.settle(0)
      const result = await (command as Command<'get'>).run(args as never, this.#context())
      if (shape === 'outgoing') return await this.#runOutgoing(exchange, result)
      this.#answer(exchange, result)
    } catch (error) {
      await this.#uploads.settle(0)
      this.#refuse(exchange, error)
    }
  }

  /** Resolves when all uploads have been answered. */
  settle(): Promise<void> {
    return this.#uploads.settle(0)
  }

  /** The command's row, if this visitor may run it now. */
  #admit({ cmd, cmdText }: Exchange): Command<keyof typeof COMMANDS> {
    if (cmd === undefined) {
      throw new ProtocolError(
        'unknown-command',
        `this server has no command ${JSON.stringify(cmdText.slice(0, 40))}`,
      )
    }
    const command = COMMAND_TABLE[cmd] as Command<typeof cmd>
    const { permission } = command
    if (permission === 'open') return command
    if (this.#visitor === undefined) throw new ProtocolError('login-required', `log in before ${cmd}`)
    if (permission !== 'any' && !this.#visitor.permissions.includes(permission)) {
      throw new ProtocolError(
        'permission-denied',
        `${this.#visitor.user} has no permission to ${permission} here`,
      )
    }
    return command
  }

  #context(): CommandContext {
    const cwd = this.#cwd
    return {
      storage: this.#site.storage,
      visitor: this.#visitor,
      cwd,
      resolve: (path) => normalizeRemotePath(path, cwd),
      changeFolder: (path) => {
        this.#cwd = path
      },
      login: (user) => {
        this.#visitor = this.#site.login(user)
        this.#cwd = this.#visitor.home
        this.#inbox.openUp()
        return this.#visitor
      },
    }
  }

  async #runOutgoing(exchange: Exchange, outgoing: Outgoing<{ path: string }>): Promise<void> {
    const sent = await sendOutgoing(exchange, outgoing, this.#outbox, this.#connection)
    this.#inbox.answered(exchange)
    const { path } = outgoing.facts
    if (sent.type === 'failed') this.#reportFailure(exchange, path, sent.bytes, sent.error)
    else this.#reportTransfer(exchange, path, sent.passed, 'ok')
  }

  async #runIncoming(exchange: Exchange, command: Command<'put'>, args: { size?: number; eager: boolean }) {
    const { path, upload } = await command.run(args as never, this.#context())
    if (upload === 'skipped') {
      await this.#uploads.settle(0)
      this.#answerSkipped(exchange, path)
      return
    }
    if (!args.eager) {
      await this.#uploads.settle(0)
      exchange.body.expect()
      this.#onTaken()
      this.#send(exchange, { status: 'ready', offset: 0 })
      this.#outbox.flush()
    }
    const passed = await receiveIncoming(exchange.body, upload, args.size, this.#onTaken)
    await this.#uploads.settle(MAX_UNSETTLED - 1)
    this.#commit(exchange, path, upload, passed)
  }

  /** The answer comes when the disk has it; the next request need not wait for that. */
  #commit(exchange: Exchange, path: string, upload: Upload, passed: Passed): void {
    this.#uploads.begin()
    this.#inbox.leave(exchange)
    upload.commit((outcome) => {
      this.#answerUpload(exchange, path, outcome, passed)
      this.#uploads.end()
    })
  }

  #answerUpload(exchange: Exchange, path: string, outcome: CommitOutcome, passed: Passed): void {
    if (outcome.status === 'failed') return this.#refuse(exchange, outcome.error)
    if (outcome.status === 'skipped') return this.#answerSkipped(exchange, path)
    this.#answer(exchange, { status: 'stored', path: outcome.path, ...passed })
    this.#reportTransfer(exchange, outcome.path, passed, 'ok')
  }

  #answerSkipped(exchange: Exchange, path: string): void {
    this.#answer(exchange, { status: 'skipped', path })
    this.#reportTransfer(exchange, path, { size: 0 }, 'skipped')
  }

  #answer(exchange: Exchange, facts: object): void {
    this.#send(exchange, facts)
    this.#inbox.answered(exchange)
  }

  #send(exchange: Exchange, facts: object): void {
    this.#outbox.send(encodeJsonFrame(FrameType.ACK, exchange.id, { ok: true, ...facts }))
  }

  #refuse(exchange: Exchange, cause: unknown): void {
    const error = toProtocolError(cause)
    const asked = exchange.args['path']
    this.#outbox.send(encodeJsonFrame(FrameType.ACK, exchange.id, { ok: false, error: error.toWire() }))
    this.#inbox.answered(exchange)
    this.#reportFailure(exchange, error.path ?? (typeof asked === 'string' ? asked : ''), 0, error)
  }

  #reportFailure(exchange: Exchange, path: string, bytes: number, error: ProtocolError): void {
    this.#reportTransfer(exchange, path, { size: bytes }, error.code, error.message)
    if (error.code !== 'internal' && error.code !== 'io-error') return
    const cause =
      error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause)
    this.#site.report({
      type: 'fault',
      cmd: exchange.cmdText,
      requestId: exchange.id,
      code: error.code,
      cause,
    })
  }

  #reportTransfer(
    exchange: Exchange,
    path: string,
    { size, digest }: Passed,
    result: string,
    error?: string,
  ): void {
    const { cmd, arrived } = exchange
    if (cmd !== 'put' && cmd !== 'get') return
    this.#site.report({
      type: 'transfer',
      op: cmd,
      path,
      user: this.#visitor?.user ?? '',
      bytes: size,
      ms: Math.round(performance.now() - arrived),
      ...(digest === undefined ? {} : { digest }),
      result,
      ...(error === undefined ? {} : { error }),
    })
  }
}

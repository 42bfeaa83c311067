import {
  COMMANDS,
  encodeJsonFrame,
  FrameType,
  normalizeRemotePath,
  ProtocolError,
  parseArguments,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Command, CommandContext, Outgoing } from '../commands/command.js'
import { COMMAND_TABLE } from '../commands/table.js'
import type { CommitOutcome, Upload } from '../storage/storage.js'
import type { Visitor } from '../visitors/visitor.js'
import type { Connection } from './connection.js'
import type { Exchange } from './exchange.js'
import type { Inbox } from './inbox.js'
import { receiveIncoming } from './incoming.js'
import type { Outbox } from './outbox.js'
import { sendOutgoing } from './outgoing.js'
import type { SessionSite } from './session.js'
import { asProtocolError } from './session-error.js'
import { SessionReporter } from './session-reporter.js'
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
  readonly #reporter: SessionReporter
  #visitor: Visitor | undefined

  constructor(site: SessionSite, inbox: Inbox, outbox: Outbox, connection: Connection, onTaken: () => void) {
    this.#site = site
    this.#inbox = inbox
    this.#outbox = outbox
    this.#connection = connection
    this.#onTaken = onTaken
    this.#reporter = new SessionReporter((record) => site.report(record))
  }

  /** Resolves when the next request may be taken; never rejects, errors are answers. */
  async run(exchange: Exchange): Promise<void> {
    try {
      const command = this.#admit(exchange)
      const args = parseArguments(command.name, exchange.args)
      if (exchange.isCancelled) throw new ProtocolError('cancelled', 'cancelled by the client')
      const { shape } = COMMANDS[command.name]
      if (shape === 'incoming')
        return await this.#runIncoming(exchange, command as Command<'put'>, args as never)
      await this.#uploads.settle(0)
      const result = await (command as Command<'get'>).run(args as never, this.#context())
      if (shape === 'outgoing') return await this.#runOutgoing(exchange, result)
      this.#answer(exchange, result)
      this.#reporter.succeeded(exchange)
    } catch (error) {
      await this.#uploads.settle(0)
      this.#refuse(exchange, error)
    }
  }

  /** Resolves when all uploads have been answered. */
  settle(): Promise<void> {
    return this.#uploads.settle(0)
  }

  /** The command's row. Throws `login-required` if it has to wait for the login. */
  #admit({ cmd, cmdText }: Exchange): Command<keyof typeof COMMANDS> {
    if (cmd === undefined) {
      throw new ProtocolError(
        'unknown-command',
        `this server has no command ${JSON.stringify(cmdText.slice(0, 40))}`,
      )
    }
    const command = COMMAND_TABLE[cmd] as Command<typeof cmd>
    if (command.needsLogin && this.#visitor === undefined)
      throw new ProtocolError('login-required', `log in before ${cmd}`)
    return command
  }

  #context(): CommandContext {
    const { cwd } = this.#reporter
    const visitor = this.#visitor
    return {
      get storage() {
        if (visitor === undefined) throw new ProtocolError('login-required', 'log in first')
        return visitor.storage
      },
      cwd,
      resolve: (path) => normalizeRemotePath(path, cwd),
      changeFolder: (path) => {
        this.#reporter.cwd = path
      },
      login: async (request) => {
        this.#visitor = await this.#site.logins.login(request)
        this.#reporter.user = this.#visitor.user
        this.#reporter.cwd = this.#visitor.home
        this.#inbox.openUp()
        return this.#visitor
      },
    }
  }

  async #runOutgoing(exchange: Exchange, outgoing: Outgoing<{ path: string; size?: number }>): Promise<void> {
    if (isLong(outgoing.facts)) this.#reporter.began(exchange, outgoing.facts.path)
    const sent = await sendOutgoing(exchange, outgoing, this.#outbox, this.#connection)
    if (sent.type === 'failed') this.#reporter.failed(exchange, sent.error, sent.bytes)
    else this.#reporter.transferred(exchange, outgoing.facts.path, sent.passed, 'ok')
    this.#inbox.answered(exchange)
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
      this.#reporter.began(exchange, path)
      this.#send(exchange, { status: 'ready', offset: 0 })
      this.#outbox.flush()
    }
    const passed = await receiveIncoming(exchange.body, upload, args.size, this.#onTaken, () =>
      this.#connection.noteActivity(),
    )
    await this.#uploads.settle(MAX_UNSETTLED - 1)
    this.#commit(exchange, path, upload, passed)
  }

  /** The answer comes when the disk has it; the next request need not wait for that. */
  #commit(exchange: Exchange, path: string, upload: Upload, passed: TransferSummary): void {
    this.#uploads.begin()
    this.#inbox.leave(exchange)
    upload.commit((outcome) => {
      this.#answerUpload(exchange, path, outcome, passed)
      this.#uploads.end()
    })
  }

  #answerUpload(exchange: Exchange, path: string, outcome: CommitOutcome, passed: TransferSummary): void {
    if (outcome.status === 'failed') return this.#refuse(exchange, outcome.error)
    if (outcome.status === 'skipped') return this.#answerSkipped(exchange, path)
    this.#answer(exchange, { status: 'stored', path: outcome.path, ...passed })
    this.#reporter.transferred(exchange, outcome.path, passed, 'ok')
  }

  #answerSkipped(exchange: Exchange, path: string): void {
    this.#answer(exchange, { status: 'skipped', path })
    this.#reporter.transferred(exchange, path, { size: 0 }, 'skipped')
  }

  #answer(exchange: Exchange, facts: object): void {
    this.#send(exchange, facts)
    this.#inbox.answered(exchange)
  }

  #send(exchange: Exchange, facts: object): void {
    this.#outbox.send(encodeJsonFrame(FrameType.ACK, exchange.id, { ok: true, ...facts }))
  }

  #refuse(exchange: Exchange, cause: unknown): void {
    const error = asProtocolError(cause)
    this.#outbox.send(encodeJsonFrame(FrameType.ACK, exchange.id, { ok: false, error: error.toWire() }))
    this.#reporter.failed(exchange, error)
    this.#inbox.answered(exchange)
  }
}

/** Downloads from this size on are reported when they begin, so that the server knows what is under way. */
const LONG_TRANSFER = 1024 * 1024

function isLong({ size = 0 }: { size?: number }): boolean {
  return size >= LONG_TRANSFER
}

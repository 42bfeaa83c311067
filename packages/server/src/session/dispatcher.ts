import {
  COMMANDS,
  encodeEmptyFrame,
  encodeJsonFrame,
  FrameType,
  normalizeRemotePath,
  ProtocolError,
  parseArguments,
  prepareDigest,
} from '@jftp/protocol'
import type { RateLimit, TransferSummary } from '@jftp/transfer'
import type { CommandContext, CommandHandler, Outgoing } from '../commands/command-handler.js'
import { COMMAND_HANDLERS } from '../commands/table.js'
import type { CommitOutcome, Upload } from '../storage/storage.js'
import type { Exchange } from './exchange.js'
import type { FrameWriter } from './frame-writer.js'
import type { Inbox } from './inbox.js'
import { receiveIncoming } from './incoming.js'
import { LongWork } from './long-work.js'
import { isLong, type OutgoingFacts, sendOutgoing } from './outgoing.js'
import { Pace } from './pace.js'
import { asProtocolError, cancelled, toldError } from './session-error.js'
import { SessionReporter } from './session-reporter.js'
import type { SessionServices } from './session-services.js'
import { SessionState } from './session-state.js'
import type { SessionStream } from './session-stream.js'
import { UnsettledUploads } from './unsettled-uploads.js'

/** The most uploads of one session that may wait for the disk at once: each holds two descriptors. */
const MAX_UNSETTLED = 128

/** How often a client that sends no more is sent a PING while it waits for work that takes long. */
const PROBE_MS = 500

/** Runs requests by their rows of the command table, one after the other, and answers them in that order. */
export class Dispatcher {
  readonly #services: SessionServices
  readonly #inbox: Inbox
  readonly #writer: FrameWriter
  readonly #stream: SessionStream
  readonly #onTaken: () => void
  readonly #uploads = new UnsettledUploads()
  readonly #state = new SessionState()
  readonly #reporter: SessionReporter
  /** Resolves when the last upload that was committed has been answered; used if events are kept. */
  #lastAnswer: Promise<void> = Promise.resolve()
  readonly #context: CommandContext
  readonly #work = new LongWork()
  /** Undefined if no rate holds for the visitor. */
  #pace: Pace | undefined
  /** When a client that sends no more was last sent a PING, to find out whether it is still there. */
  #probed = Number.NEGATIVE_INFINITY
  /** The request that is being run. */
  #running: Exchange | undefined

  constructor(
    services: SessionServices,
    inbox: Inbox,
    writer: FrameWriter,
    stream: SessionStream,
    onTaken: () => void,
  ) {
    this.#services = services
    this.#inbox = inbox
    this.#writer = writer
    this.#stream = stream
    this.#onTaken = onTaken
    this.#reporter = new SessionReporter(this.#state, (record) => services.report(record))
    this.#context = this.#createContext()
  }

  /** Resolves when the next request may be taken. Never rejects, because errors are answered. */
  async run(exchange: Exchange): Promise<void> {
    this.#running = exchange
    try {
      const command = this.#admit(exchange)
      const args = parseArguments(command.name, exchange.args)
      // Fields that the command doesn't know are dropped: an upload may have to be kept for some time.
      exchange.args = args
      const preparing = 'digest' in args ? prepareDigest(args.digest) : undefined
      if (preparing !== undefined) await preparing
      if (exchange.isCancelled) throw cancelled()
      const { shape } = COMMANDS[command.name]
      if (shape === 'incoming')
        return await this.#runIncoming(exchange, command as CommandHandler<'put'>, args as never)
      await this.#uploads.settle(0)
      const result = await (command as CommandHandler<'get'>).run(args as never, this.#context)
      if (shape === 'outgoing') return await this.#runOutgoing(exchange, result)
      this.#answer(exchange, result)
      this.#reporter.succeeded(exchange)
    } catch (error) {
      await this.#uploads.settle(0)
      this.#refuse(exchange, error)
    }
  }

  /** Tells the server how far the transfer is that is being run, if it takes long. */
  reportProgress(): void {
    if (this.#running?.state === 'running') this.#reporter.progress(this.#running)
  }

  /** Uploads that have arrived and are not durable yet. */
  get waitingUploads(): number {
    return this.#uploads.count
  }

  /** Resolves when all uploads have been answered. */
  settle(): Promise<void> {
    return this.#uploads.settle(0)
  }

  /** The command's row. Throws `login-required` if it has to wait for the login. */
  #admit({ cmd, cmdText }: Exchange): CommandHandler<keyof typeof COMMANDS> {
    if (cmd === undefined) {
      throw new ProtocolError(
        'unknown-command',
        `this server has no command ${JSON.stringify(cmdText.slice(0, 40))}`,
      )
    }
    const command = COMMAND_HANDLERS[cmd] as CommandHandler<typeof cmd>
    if (command.needsLogin && this.#state.visitor === undefined)
      throw new ProtocolError('login-required', `log in before ${cmd}`)
    return command
  }

  #createContext(): CommandContext {
    const state = this.#state
    return {
      get storage() {
        if (state.visitor === undefined) throw new ProtocolError('login-required', 'log in first')
        return state.visitor.storage
      },
      get cwd() {
        return state.cwd
      },
      resolve: (path) => normalizeRemotePath(path, state.cwd),
      changeFolder: (path) => {
        state.cwd = path
      },
      pause: () => this.#pause(),
      noteFailure: (error) => {
        if (this.#running !== undefined) this.#reporter.partFailed(this.#running, error)
      },
      login: async (request) => {
        const entered = await this.#services.logins.login(request)
        state.enter(entered)
        this.#pace = this.#createPace(entered.rates)
        this.#inbox.openUp()
        return entered
      },
    }
  }

  #createPace(rates: readonly RateLimit[]): Pace {
    return new Pace(rates, () => {
      if (!this.#stream.isFull) this.#writer.send(encodeEmptyFrame(FrameType.PING, 0))
    })
  }

  async #pause(): Promise<void> {
    await this.#work.pause()
    if (this.#running?.isCancelled) throw cancelled()
    // The client sends no more. Whether it still reads, the system says only when something is sent to it.
    if (!this.#inbox.hasEnded || performance.now() - this.#probed < PROBE_MS) return
    this.#probed = performance.now()
    this.#writer.send(encodeEmptyFrame(FrameType.PING, 0))
  }

  async #runOutgoing(exchange: Exchange, outgoing: Outgoing<OutgoingFacts>): Promise<void> {
    const { path = '' } = outgoing.facts
    if (isLong(outgoing.facts)) this.#reporter.began(exchange, path, outgoing.facts.size)
    const { facts, source } = outgoing
    const paced = { facts, source: this.#pace?.reader(source, exchange) ?? source }
    const sent = await sendOutgoing(exchange, paced, this.#writer, this.#stream)
    if (sent.type === 'failed') this.#reporter.failed(exchange, sent.error)
    else this.#reporter.transferred(exchange, path, 'ok', sent.digest)
    this.#inbox.answered(exchange)
  }

  async #runIncoming(
    exchange: Exchange,
    command: CommandHandler<'put'>,
    args: { size?: number; eager: boolean },
  ) {
    const { path, upload } = await command.run(args as never, this.#context)
    if (upload === 'skipped') {
      await this.#uploads.settle(0)
      this.#answerSkipped(exchange, path)
      return
    }
    if (!args.eager) {
      await this.#uploads.settle(0)
      exchange.body.expect()
      this.#onTaken()
      this.#reporter.began(exchange, path, args.size)
      this.#send(exchange, { status: 'ready', offset: upload.start?.size ?? 0, digest: upload.start?.digest })
      this.#writer.flush()
    }
    const paced = this.#pace?.upload(upload, exchange) ?? upload
    const passed = await receiveIncoming(exchange, paced, args.size, this.#onTaken, () =>
      this.#stream.noteActivity(),
    )
    await this.#accept(exchange, path, upload, passed)
    await this.#uploads.settle(MAX_UNSETTLED - 1)
    this.#commit(exchange, path, upload, passed)
  }

  async #accept(exchange: Exchange, path: string, upload: Upload, passed: TransferSummary): Promise<void> {
    const { acceptUpload } = this.#services
    if (acceptUpload === undefined) return
    const { size, digest } = passed
    const { user } = this.#state
    try {
      await acceptUpload({ path, size, digest, user, requestId: exchange.logId })
    } catch (error) {
      await upload.discard()
      throw error
    }
  }

  /** The client is answered when the file is on disk. The next request does not wait for that. */
  #commit(exchange: Exchange, path: string, upload: Upload, passed: TransferSummary): void {
    this.#uploads.begin()
    this.#inbox.leave(exchange)
    upload.commit((outcome) => {
      const answer = () => {
        this.#answerUpload(exchange, path, outcome, passed)
        this.#uploads.end()
      }
      if (this.#services.keepEvent === undefined) return answer()
      // Answers come in the order of the requests, although events may be kept in another one.
      const kept = outcome.type === 'stored' ? this.#keepEvent(exchange, outcome.path, passed) : undefined
      this.#lastAnswer = Promise.all([this.#lastAnswer, kept]).then(answer)
    })
  }

  /** Before the client is answered, so that what was acknowledged is told also if the server is killed after that. */
  async #keepEvent({ logId }: Exchange, path: string, { size, digest }: TransferSummary): Promise<void> {
    const { user } = this.#state
    await this.#services.keepEvent?.({ path, size, digest, user, requestId: logId })
  }

  #answerUpload(exchange: Exchange, path: string, outcome: CommitOutcome, passed: TransferSummary): void {
    if (outcome.type === 'failed') return this.#refuse(exchange, outcome.error)
    if (outcome.type === 'skipped') return this.#answerSkipped(exchange, path)
    if (outcome.type === 'unchanged') {
      this.#answer(exchange, { status: 'unchanged', path, ...passed })
      this.#reporter.transferred(exchange, path, 'unchanged')
      return
    }
    this.#answer(exchange, { status: 'stored', path: outcome.path, ...passed })
    this.#reporter.transferred(exchange, outcome.path, 'ok', passed.digest, passed.size)
  }

  #answerSkipped(exchange: Exchange, path: string): void {
    this.#answer(exchange, { status: 'skipped', path })
    this.#reporter.transferred(exchange, path, 'skipped')
  }

  #answer(exchange: Exchange, facts: object): void {
    this.#send(exchange, facts)
    this.#inbox.answered(exchange)
  }

  #send(exchange: Exchange, facts: object): void {
    this.#writer.send(encodeJsonFrame(FrameType.ACK, exchange.id, { ok: true, ...facts }))
  }

  #refuse(exchange: Exchange, cause: unknown): void {
    const error = asProtocolError(cause)
    this.#writer.send(
      encodeJsonFrame(FrameType.ACK, exchange.id, { ok: false, error: toldError(exchange, error) }),
    )
    this.#reporter.failed(exchange, error)
    this.#inbox.answered(exchange)
  }
}

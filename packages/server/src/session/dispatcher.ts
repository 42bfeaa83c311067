import {
  COMMANDS,
  encodeEmptyFrame,
  FrameType,
  normalizeRemotePath,
  ProtocolError,
  parseArguments,
  prepareDigest,
} from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import type { CommandContext, CommandHandler, Outgoing } from '../commands/command-handler.js'
import { COMMAND_HANDLERS } from '../commands/table.js'
import { Answers } from './answers.js'
import type { Exchange } from './exchange.js'
import type { FrameWriter } from './frame-writer.js'
import type { Inbox } from './inbox.js'
import { IncomingRequests } from './incoming-requests.js'
import { LongWork } from './long-work.js'
import { isLong, type OutgoingFacts, sendOutgoing } from './outgoing.js'
import { Pace } from './pace.js'
import { cancelled } from './session-error.js'
import { SessionReporter } from './session-reporter.js'
import type { SessionServices } from './session-services.js'
import { SessionState } from './session-state.js'
import type { SessionStream } from './session-stream.js'
import { UnsettledUploads } from './unsettled-uploads.js'

/** How often a client that sends no more is sent a PING while it waits for work that takes long. */
const PROBE_MS = 500

/** Runs requests by their rows of the command table, one after the other, and answers them in that order. */
export class Dispatcher {
  readonly #services: SessionServices
  readonly #inbox: Inbox
  readonly #writer: FrameWriter
  readonly #stream: SessionStream
  readonly #uploads = new UnsettledUploads()
  readonly #state = new SessionState()
  readonly #reporter: SessionReporter
  readonly #answers: Answers
  readonly #incoming: IncomingRequests
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
    this.#reporter = new SessionReporter(this.#state, (record) => services.report(record))
    this.#answers = new Answers(writer, inbox, this.#reporter)
    this.#incoming = new IncomingRequests({
      ...{ services, inbox, writer, stream, onTaken },
      ...{ state: this.#state, reporter: this.#reporter, answers: this.#answers, uploads: this.#uploads },
    })
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
        return await this.#incoming.run(
          exchange,
          command as CommandHandler<'put'>,
          args as never,
          this.#context,
          this.#pace,
        )
      const settling = this.#uploads.settle(0)
      if (settling !== undefined) await settling
      const running = (command as CommandHandler<'get'>).run(args as never, this.#context)
      const result = running instanceof Promise ? await running : running
      if (shape === 'outgoing') return await this.#runOutgoing(exchange, result)
      this.#answers.accept(exchange, result)
      this.#reporter.succeeded(exchange)
    } catch (error) {
      await this.#uploads.settle(0)
      this.#answers.refuse(exchange, error)
    } finally {
      // An idle session does not keep its last request.
      this.#running = undefined
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
  settle(): Promise<void> | undefined {
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
      get programs() {
        if (state.visitor === undefined) throw new ProtocolError('login-required', 'log in first')
        return state.visitor.programs
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
      noteProgram: (name, end) => {
        if (this.#running !== undefined) this.#reporter.programEnded(this.#running, name, end)
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
    const { facts, source } = outgoing
    const { path = '', size, offset } = facts
    if (isLong(facts)) this.#reporter.began(exchange, path, size)
    const paced = { facts, source: this.#pace?.reader(source, exchange) ?? source }
    const sent = await sendOutgoing(exchange, paced, this.#writer, this.#stream)
    if (sent.type === 'failed') this.#reporter.failed(exchange, sent.error)
    else {
      // Without a digest of what comes before, the client has asked for a part of the file.
      const resumedFrom = exchange.args['prefix'] === undefined ? undefined : offset
      this.#reporter.transferred(exchange, path, 'ok', { digest: sent.digest, size, resumedFrom })
    }
    this.#inbox.answered(exchange)
  }
}

import type { TransferSummary } from '@jftp/transfer'
import type { CommandContext, CommandHandler } from '../commands/command-handler.js'
import type { CommitOutcome, Upload } from '../storage/storage.js'
import type { Answers } from './answers.js'
import type { Exchange } from './exchange.js'
import type { FrameWriter } from './frame-writer.js'
import type { Inbox } from './inbox.js'
import { receiveIncoming } from './incoming.js'
import type { Pace } from './pace.js'
import type { SessionReporter } from './session-reporter.js'
import type { SessionServices } from './session-services.js'
import type { SessionState } from './session-state.js'
import type { SessionStream } from './session-stream.js'
import type { UnsettledUploads } from './unsettled-uploads.js'

/** The most uploads of one session that may wait for the disk at once: each holds two descriptors. */
const MAX_UNSETTLED = 128

export interface IncomingRequestsOptions {
  readonly services: SessionServices
  readonly inbox: Inbox
  readonly writer: FrameWriter
  readonly stream: SessionStream
  readonly state: SessionState
  readonly reporter: SessionReporter
  readonly answers: Answers
  readonly uploads: UnsettledUploads
  /** Called when a part of a body has been taken, so that there is room for more. */
  readonly onTaken: () => void
}

/** Runs the requests whose bytes come from the client, and answers them when their files are on disk. */
export class IncomingRequests {
  readonly #options: IncomingRequestsOptions
  /** Resolves when the last upload that was committed has been answered; used if events are kept. */
  #lastAnswer: Promise<void> = Promise.resolve()
  /** How many answers wait for it. */
  #waitingAnswers = 0

  constructor(options: IncomingRequestsOptions) {
    this.#options = options
  }

  /** Resolves when the next request may be taken, which may be before this one is answered. */
  async run(
    exchange: Exchange,
    command: CommandHandler<'put'>,
    args: { size?: number; eager: boolean },
    context: CommandContext,
    pace: Pace | undefined,
  ): Promise<void> {
    const { answers, onTaken, reporter, services, stream, uploads, writer } = this.#options
    const opening = command.run(args as never, context)
    const { path, upload } = opening instanceof Promise ? await opening : opening
    if (upload === 'skipped') {
      await uploads.settle(0)
      this.#answerSkipped(exchange, path)
      return
    }
    if (!args.eager) {
      await uploads.settle(0)
      exchange.body.expect()
      onTaken()
      reporter.began(exchange, path, args.size)
      answers.send(exchange, {
        status: 'ready',
        offset: upload.start?.size ?? 0,
        digest: upload.start?.digest,
      })
      writer.flush()
    }
    const paced = pace?.upload(upload, exchange) ?? upload
    const passed = await receiveIncoming(exchange, paced, args.size, onTaken, () => stream.noteActivity())
    if (services.acceptUpload !== undefined)
      await this.#accept(services.acceptUpload, exchange, path, upload, passed)
    const settling = uploads.settle(MAX_UNSETTLED - 1)
    if (settling !== undefined) await settling
    this.#commit(exchange, path, upload, passed)
  }

  async #accept(
    acceptUpload: NonNullable<SessionServices['acceptUpload']>,
    exchange: Exchange,
    path: string,
    upload: Upload,
    passed: TransferSummary,
  ): Promise<void> {
    const { size, digest } = passed
    const { user } = this.#options.state
    try {
      await acceptUpload({ path, size, digest, user, requestId: exchange.logId })
    } catch (error) {
      await upload.discard()
      throw error
    }
  }

  /** The client is answered when the file is on disk. The next request does not wait for that. */
  #commit(exchange: Exchange, path: string, upload: Upload, passed: TransferSummary): void {
    const { inbox, services, uploads } = this.#options
    uploads.begin()
    inbox.leave(exchange)
    upload.commit((outcome) => {
      const answer = () => {
        this.#answerUpload(exchange, path, outcome, passed)
        uploads.end()
      }
      if (services.keepEvent === undefined && this.#waitingAnswers === 0) return answer()
      // Answers come in the order of the requests, although events may be kept in another one.
      const kept = outcome.type === 'stored' ? this.#keepEvent(exchange, outcome.path, passed) : undefined
      this.#waitingAnswers++
      this.#lastAnswer = Promise.all([this.#lastAnswer, kept]).then(() => {
        this.#waitingAnswers--
        answer()
      })
    })
  }

  /** Before the client is answered, so that what was acknowledged is told also if the server is killed after that. */
  async #keepEvent({ logId }: Exchange, path: string, { size, digest }: TransferSummary): Promise<void> {
    const { services, state } = this.#options
    await services.keepEvent?.({ path, size, digest, user: state.user, requestId: logId })
  }

  #answerUpload(exchange: Exchange, path: string, outcome: CommitOutcome, passed: TransferSummary): void {
    const { answers, reporter } = this.#options
    if (outcome.type === 'failed') return answers.refuse(exchange, outcome.error)
    if (outcome.type === 'skipped') return this.#answerSkipped(exchange, path)
    if (outcome.type === 'unchanged') {
      answers.accept(exchange, { status: 'unchanged', path, ...passed })
      reporter.transferred(exchange, path, 'unchanged')
      return
    }
    answers.accept(exchange, { status: 'stored', path: outcome.path, ...passed })
    reporter.transferred(exchange, outcome.path, 'ok', passed)
  }

  #answerSkipped(exchange: Exchange, path: string): void {
    this.#options.answers.accept(exchange, { status: 'skipped', path })
    this.#options.reporter.transferred(exchange, path, 'skipped')
  }
}

import type { Hooks, Webhook } from '../hook.js'
import type { Log } from '../log.js'
import { UsageError } from '../usage-error.js'
import { idOf, Outbox, type QueuedEvent, timeOf } from './outbox.js'
import { type PostOutcome, postEvent } from './webhook.js'

/** How many events are sent at the same time. */
const MAX_RUNNING = 4

/** After a failure the next attempt comes a second later, then after twice that, and so on up to five minutes. */
const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 300_000

/** For how long after the upload an event is tried: a day. */
const MAX_AGE_MS = 24 * 3_600_000

/** How often events are looked for that nobody has told of, because their thread or daemon has died. */
const CLAIM_EVERY_MS = 60_000

/** Sends the events of the outbox to the webhook, and tries again what fails. Runs in the main thread. */
export class WebhookSender {
  /** Undefined while none is configured; events that wait stay then. */
  #webhook: Webhook | undefined
  readonly #root: string
  readonly #outbox: Outbox
  readonly #log: Log
  /** The names of all events that are waiting or being sent. */
  readonly #known = new Set<string>()
  readonly #due: { event: QueuedEvent; failures: number }[] = []
  readonly #stopped = new AbortController()
  #claiming: NodeJS.Timeout | undefined
  #isClaiming = false
  /** Whether the outbox has a folder. */
  #isOpen = false
  #isStarted = false
  #running = 0
  #isClosing = false
  #wake: () => void = () => {}

  private constructor(root: string, log: Log) {
    this.#root = root
    this.#outbox = new Outbox(root)
    this.#log = log
  }

  /** Throws UsageError if there is a webhook and events can't be kept under the root. */
  static open(hooks: Hooks, root: string, log: Log): WebhookSender {
    const sender = new WebhookSender(root, log)
    sender.prepareReload(hooks)()
    return sender
  }

  /** Changes nothing, and returns the function that puts another webhook into force. Throws UsageError. */
  prepareReload({ webhook }: Hooks): () => void {
    if (webhook !== undefined) this.#openOutbox()
    return () => {
      const before = this.#webhook
      this.#webhook = webhook
      if (!this.#isStarted) return
      if (webhook === undefined && before !== undefined) void this.#warnOfLeftEvents()
      // Events that wait go to the new one.
      if (webhook !== undefined && before === undefined) this.#claimOld()
      this.#fill()
    }
  }

  #openOutbox(): void {
    if (this.#isOpen) return
    try {
      this.#outbox.open()
    } catch (error) {
      throw new UsageError(
        `hooks.webhook: can't keep events in ${this.#root} (${(error as Error).message}); make the folder writable`,
      )
    }
    this.#isOpen = true
  }

  /** That of the outbox, for the other threads. */
  get memory(): SharedArrayBuffer {
    return this.#outbox.memory
  }

  /** Begins with what is in the outbox. */
  start(): void {
    this.#isStarted = true
    this.#claiming = setInterval(() => this.#claimOld(), CLAIM_EVERY_MS).unref()
    // No thread adds an event yet.
    if (this.#webhook !== undefined) void this.#claim(Number.POSITIVE_INFINITY)
    else void this.#warnOfLeftEvents()
  }

  /** An event is in the outbox. */
  add(event: QueuedEvent): void {
    if (this.#known.has(event.name)) return
    this.#known.add(event.name)
    this.#due.push({ event, failures: 0 })
    this.#fill()
  }

  /** An event could not be put into the outbox. */
  notQueued(requestId: string, path: string, reason: string): void {
    const line = { type: 'webhook-dropped', id: requestId, path, reason }
    this.#log.warn(line, `an event for the webhook was not kept: ${reason}`)
  }

  /** Lets the events that are being sent finish, for up to that time. The others stay in the outbox. */
  async finish(ms: number): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#claiming)
    if (this.#running > 0) {
      const timer = setTimeout(() => this.#stopped.abort(), ms)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      clearTimeout(timer)
    }
    const left = this.#known.size
    if (left === 0) return
    this.#log.info({ type: 'webhooks-left', events: left }, `events left for the next start: ${left}`)
  }

  #claimOld(): void {
    if (this.#webhook !== undefined) void this.#claim(Date.now() - CLAIM_EVERY_MS)
  }

  /**
   * Own events that were added at `before` or later are left alone, because the thread that has added one may still be
   * about to tell of it. If such an event were sent and removed first, it would be added again and counted twice.
   */
  async #claim(before: number): Promise<void> {
    // What is being taken over has its new name already, and would be found twice.
    if (this.#isClaiming) return
    this.#isClaiming = true
    try {
      for (const event of this.#outbox.own(before)) this.add(event)
      for (const event of await this.#outbox.takeOver()) this.add(event)
    } catch (error) {
      const line = { type: 'webhook-failed', reason: String(error) }
      this.#log.warn(line, `the events for the webhook can't be read: ${String(error)}`)
    } finally {
      this.#isClaiming = false
    }
  }

  #fill(): void {
    while (this.#webhook !== undefined && !this.#isClosing && this.#running < MAX_RUNNING) {
      const next = this.#due.shift()
      if (next === undefined) return
      void this.#send(this.#webhook, next.event, next.failures)
    }
  }

  async #send(webhook: Webhook, event: QueuedEvent, failures: number): Promise<void> {
    this.#running++
    const outcome = await this.#attempt(webhook, event)
    if (outcome.type === 'failed') this.#failed(event, failures + 1, outcome.reason)
    else this.#known.delete(event.name)
    this.#running--
    this.#fill()
    if (this.#running === 0) this.#wake()
  }

  async #attempt(webhook: Webhook, event: QueuedEvent): Promise<PostOutcome> {
    try {
      const outcome = await postEvent(webhook, await this.#outbox.read(event), this.#stopped.signal)
      const isOver = outcome.type === 'failed' && Date.now() - timeOf(event) >= MAX_AGE_MS
      if (outcome.type === 'failed' && !isOver) return outcome
      await this.#outbox.remove(event)
      if (outcome.type === 'delivered') return outcome
      const reason = isOver ? `${outcome.reason}, and it has been tried for 24 hours` : outcome.reason
      const line = { type: 'webhook-dropped', event: idOf(event), reason }
      this.#log.warn(line, `an event for the webhook was dropped: ${reason}`)
      return { type: 'refused', reason }
    } catch (error) {
      // Somebody removed it.
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') await this.#outbox.remove(event).catch(() => {})
      return { type: code === 'ENOENT' ? 'refused' : 'failed', reason: `the outbox failed (${code})` }
    }
  }

  /** A receiver that is away for long must not fill the log: only the first failure of each event is a warning. */
  #failed(event: QueuedEvent, failures: number, reason: string): void {
    if (this.#isClosing) return
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS)
    const line = { type: 'webhook-failed', event: idOf(event), attempt: failures, reason }
    const message = `an event for the webhook was not delivered and is tried again in ${delay / 1000} s: ${reason}`
    if (failures === 1) this.#log.warn(line, message)
    else this.#log.debug(line, message)
    setTimeout(() => {
      this.#due.push({ event, failures })
      this.#fill()
    }, delay).unref()
  }

  /** Whoever takes the webhook out of the configuration should know what will never be sent. */
  async #warnOfLeftEvents(): Promise<void> {
    const events = await Outbox.countLeft(this.#root)
    if (events === 0) return
    this.#log.warn(
      { type: 'webhooks-left', events },
      `no webhook is configured, and events for one wait in .jftp/webhooks: ${events}; name hooks.webhook again, or remove that folder`,
    )
  }
}

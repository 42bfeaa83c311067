import { type ChildProcess, fork } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { LAST_MOMENTS } from '../servers/running-request.js'
import { DatagramRelay } from '../workers/datagram-relay.js'
import { MessageBatch } from '../workers/message-batch.js'
import { PoolWorker, type WorkerEvents } from '../workers/pool-worker.js'
import type { Relay, RelayedRequest } from '../workers/relay.js'
import type { FromWorker, ToWorker, WorkerStart } from '../workers/worker-message.js'
import { watchChild } from './child-watch.js'
import { DescriptorRelay } from './descriptor-relay.js'
import { serializedClone } from './serialized-clone.js'

/** Limits of V8's memory, in MiB. */
export interface ChildLimits {
  readonly maxOldGenerationSizeMb?: number
  readonly maxYoungGenerationSizeMb?: number
}

export interface ChildOptions {
  readonly start: WorkerStart
  readonly limits: ChildLimits | null
  readonly execArgv: readonly string[] | null
  readonly env: NodeJS.ProcessEnv | null
}

/**
 * How many descriptors may be on their way to a child. Node sends one after another, so more would bring nothing. A
 * child keeps at least 8 descriptors free, and these are enough for those that still come after it has said so.
 */
const HANDED_OVER_AT_ONCE = 4

export class WorkerChild extends PoolWorker {
  protected readonly batch: MessageBatch<ToWorker>
  readonly #child: ChildProcess
  #handingOver = 0
  #killTimer: NodeJS.Timeout | undefined

  constructor({ start, limits, execArgv, env }: ChildOptions, events: WorkerEvents) {
    super(events)
    // Report values that can't be cloned before the child is started.
    serializedClone(start)
    // 'advanced' clones values as they are cloned between threads.
    const child = fork(fileURLToPath(new URL('./child-main.js', import.meta.url)), {
      serialization: 'advanced',
      execArgv: [...(execArgv ?? process.execArgv), ...flagsFor(limits)],
      ...(env && { env }),
    })
    this.#child = child
    watchChild(child)
    this.batch = new MessageBatch(
      { postMessage: (messages: object) => this.#post(messages) },
      serializedClone,
    )
    child.on('message', (messages) => this.receive(messages as FromWorker[]))
    let cause: unknown
    child.on('error', (error) => {
      cause = error
      if (child.pid === undefined) this.onExit('child process could not be started', cause)
    })
    // It can report nothing any more, and it gets no further request. So it ends, by itself or by force.
    child.once('disconnect', () => {
      this.#killTimer = setTimeout(() => this.kill(), LAST_MOMENTS).unref()
    })
    child.on('exit', (code, signal) => {
      clearTimeout(this.#killTimer)
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`
      this.onExit(`child process ${child.pid} ended ${how}`, cause)
    })
    this.#post(start)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** A child that is ending has closed its channel before its exit is known. */
  override get isUsable(): boolean {
    return super.isUsable && this.#child.connected
  }

  override get mayTake(): boolean {
    return super.mayTake && this.#handingOver < HANDED_OVER_AT_ONCE
  }

  protected override createRelay(
    { id, request, clientAddress }: RelayedRequest,
    notSecured: (error: Error) => void,
  ): Relay {
    if (request instanceof Socket) {
      this.#handingOver += 1
      const handedOver = () => {
        this.#handingOver -= 1
        this.events.hasRoomAgain()
      }
      const events = { handedOver, notSecured }
      return new DescriptorRelay({ id, request, clientAddress }, this.#child, this.batch, events)
    }
    return new DatagramRelay({ id, request, clientAddress }, this.batch)
  }

  protected override kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** A child whose channel is closed ends by itself, unless a handler keeps its event loop busy. */
  protected override async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.exited
  }

  #post(message: object): void {
    // The callback prevents an error event if the channel has closed. The exit that follows is reported anyway.
    if (this.#child.connected) this.#child.send(message, ignore)
  }
}

function flagsFor(limits: ChildLimits | null): string[] {
  const { maxOldGenerationSizeMb: old, maxYoungGenerationSizeMb: young } = limits ?? {}
  return [
    ...(old === undefined ? [] : [`--max-old-space-size=${Math.ceil(old)}`]),
    // V8's young generation consists of three semi-spaces.
    ...(young === undefined ? [] : [`--max-semi-space-size=${Math.ceil(young / 3)}`]),
  ]
}

function ignore(): void {}

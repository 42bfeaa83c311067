import { createInterface } from 'node:readline'
import { type OneOffMessage, type OneOffRequest, printableJson } from '@jftp/protocol'
import { pino } from 'pino'
import { explainListenError } from '../listen-error.js'
import { explainTooFewFiles } from '../start-error.js'
import { UsageError } from '../usage-error.js'
import { parseOneOffRequest } from './one-off-request.js'
import { type OneOffServer, startOneOffServer } from './one-off-server.js'
import { planShare, type SharePlan } from './share-plan.js'
import { type LogLine, TransferWatch } from './transfer-watch.js'

/** How often it is told how far transfers are, in ms. */
const PROGRESS_EVERY = 200

type EndReason = Extract<OneOffMessage, { type: 'ended' }>['reason']

/**
 * `ftpd one-off`, which `ftp share` and `ftp receive` start: serves until one transfer is complete, the time is over, or
 * stdin ends. That happens too if whoever started it was killed. Resolves to the exit code.
 */
export async function runOneOff(): Promise<number> {
  // If nobody reads any more, stdin ends as well.
  process.stdout.on('error', () => {})
  const input = createInterface({ input: process.stdin })
  const stopped = new Promise<void>((resolve) => {
    const stop = () => resolve()
    input.once('close', stop)
    process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop)
  })
  try {
    const line = await Promise.race([new Promise<string>((resolve) => input.once('line', resolve)), stopped])
    const reason = line === undefined ? 'stopped' : await serve(line, stopped)
    tell({ type: 'ended', reason })
    return 0
  } catch (error) {
    const code = error instanceof UsageError ? 'usage' : 'local-io'
    tell({ type: 'failed', code, reason: error instanceof Error ? error.message : String(error) })
    return code === 'usage' ? 2 : 1
  } finally {
    input.close()
    process.stdin.destroy()
  }
}

function tell(message: OneOffMessage): void {
  // Escaped, because readline at the other end takes U+2028 for the end of a line too, from Node 24 on.
  process.stdout.write(`${printableJson(JSON.stringify(message))}\n`)
}

async function serve(line: string, stopped: Promise<void>): Promise<EndReason> {
  const request = parseOneOffRequest(line)
  const plan = request.type === 'share' ? planShare(request.paths) : undefined
  const watch = new TransferWatch(plan?.files, tell)
  const oneOff = new OneOff(watch, request.timeLimitMs)
  const log = pino({ base: null }, { write: (each) => oneOff.note(JSON.parse(each) as LogLine) })
  try {
    const server = await startOneOffServer(request, plan, log)
    try {
      tellReady(server, plan)
      const reporting = setInterval(() => tellProgress(server, watch), PROGRESS_EVERY)
      const reason = await Promise.race([oneOff.ended, stopped.then((): EndReason => 'stopped')])
      clearInterval(reporting)
      return reason
    } finally {
      await server.stop()
    }
  } catch (error) {
    throw explained(error, request)
  } finally {
    oneOff.close()
  }
}

function tellReady({ daemon, token }: OneOffServer, plan: SharePlan | undefined): void {
  tell({
    type: 'ready',
    port: Number(new URL(daemon.url).port),
    token,
    fingerprint: daemon.fingerprint ?? '',
    names: plan?.shared.map(({ name }) => name) ?? [],
    files: plan?.files.size ?? 0,
    bytes: plan?.bytes ?? 0,
  })
}

function tellProgress({ daemon }: OneOffServer, watch: TransferWatch): void {
  const running = daemon.status().sessions.flatMap(({ transfer }) => transfer ?? [])
  const transfers = running.filter(({ path }) => watch.isAwaited(path))
  if (transfers.length === 0) return
  tell({ type: 'progress', transfers: transfers.map(({ path, bytes, size }) => ({ path, bytes, size })) })
}

/** Decides when a one-off server has done what it is for. */
class OneOff {
  readonly ended: Promise<EndReason>
  readonly #watch: TransferWatch
  readonly #timer: NodeJS.Timeout
  #end!: (reason: EndReason) => void
  #isTimeOver = false

  constructor(watch: TransferWatch, timeLimitMs: number) {
    this.#watch = watch
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#timer = setTimeout(() => {
      this.#isTimeOver = true
      this.#decide()
    }, timeLimitMs)
  }

  note(line: LogLine): void {
    this.#watch.note(line)
    this.#decide()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  /** Whoever has begun may finish, also when the time is over. */
  #decide(): void {
    const { isComplete, visitors } = this.#watch
    if (isComplete) this.#end('complete')
    else if (this.#isTimeOver && visitors === 0) this.#end('time-limit')
  }
}

/** If it could not listen, the message says why, and what to do. */
function explained(error: unknown, { host, port }: OneOffRequest): unknown {
  const address = { host, port, unix: undefined, metrics: undefined, control: { type: 'none' } } as const
  const known = explainListenError(error, address) ?? explainTooFewFiles(error)
  return known === undefined ? error : new Error(known, { cause: error })
}

import type { ErrorCode } from '@jftp/protocol'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { QuotaUse } from '../accounts/accounts.js'
import type { SessionRecord, TransferRecord } from '../session/session-record.js'
import type { SessionEntry } from '../session-table/session-table.js'
import { VERSION } from '../version.js'
import { LoopDelay } from './loop-delay.js'
import { addProcessMetrics } from './process-metrics.js'
import { type ThreadGauges, type ThreadReading, WRITE_INTERVAL } from './thread-gauges.js'

/** Upper bounds in seconds: from a small file in memory to a day. */
const DURATIONS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86_400]

/** Users whose quota is told, those who have used the most of it. Each adds two series. */
const MAX_QUOTAS = 500

/** What is asked for when somebody reads the metrics. */
export interface MetricSources {
  readonly threads: ThreadGauges
  /** Connections that were accepted and that no worker has taken yet. */
  waitingConnections(): number
  /** Sessions, each with its transfer if it takes long. */
  readonly sessions: Iterable<SessionEntry>
  isDraining(): boolean
  /** Addresses that are banned. */
  bans(): number
  /** Users who have a quota, those who have used the most of it first. */
  quotas(): readonly QuotaUse[]
}

/**
 * What ftpd counts for Prometheus. It is told of everything in the main thread. The values of labels come from lists in
 * the code (commands, error codes, threads) and from the users file, never from a client, so their number is bounded.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #threads: ThreadGauges
  readonly #delay = new LoopDelay()
  readonly #timer: NodeJS.Timeout
  readonly #started = this.#counter('sessions_started_total', 'Sessions that have begun')
  readonly #refused = this.#counter('connections_refused_total', 'Connections that were turned away', [
    'code',
  ])
  readonly #notAccepted = this.#counter('accept_failures_total', 'Connections that could not be accepted')
  readonly #workersLost = this.#counter('workers_lost_total', 'Worker threads that died and were replaced')
  readonly #logins = this.#counter('logins_total', 'Logins by how they came out', ['result'])
  readonly #banned = this.#counter('bans_total', 'Addresses that were banned after failed logins')
  readonly #transfers = this.#counter('transfers_total', 'Transfers that have ended', ['op', 'result'])
  readonly #bytes = this.#counter('transfer_bytes_total', 'Bytes of files that have passed', ['direction'])
  readonly #errors = this.#counter('errors_total', 'Errors that clients were told', ['code'])
  readonly #sessionSeconds = this.#histogram('session_duration_seconds', 'How long sessions lasted')
  readonly #transferSeconds = this.#histogram('transfer_duration_seconds', 'How long transfers took', ['op'])

  constructor(sources: MetricSources) {
    this.#threads = sources.threads
    this.#gauge('info', 'The version that runs', ['version'], (gauge) => gauge.set({ version: VERSION }, 1))
    this.#gauge('draining', '1 while no more connections are taken because ftpd is to stop', [], (gauge) =>
      gauge.set(sources.isDraining() ? 1 : 0),
    )
    this.#gauge('bans', 'Addresses that are banned at the moment', [], (gauge) => gauge.set(sources.bans()))
    this.#addSessions(sources)
    this.#addThreads(sources.threads)
    this.#addQuotas(sources)
    addProcessMetrics(this.registry)
    // Series that are there from the beginning can be watched for their first increase.
    for (const direction of ['received', 'sent']) this.#bytes.inc({ direction }, 0)
    for (const result of ['ok', 'login-failed']) this.#logins.inc({ result }, 0)
    this.#timer = setInterval(() => this.#measureMain(), WRITE_INTERVAL).unref()
  }

  started(): void {
    this.#started.inc()
  }

  ended({ since }: SessionEntry): void {
    this.#sessionSeconds.observe((Date.now() - since) / 1000)
  }

  refused(code: ErrorCode): void {
    this.#refused.inc({ code })
    this.#errors.inc({ code })
  }

  banned(): void {
    this.#banned.inc()
  }

  notAccepted(): void {
    this.#notAccepted.inc()
  }

  workerLost(): void {
    this.#workersLost.inc()
    this.#threads.forgetWorkers()
  }

  /** To be called before `session` is changed by the record. */
  record(record: SessionRecord, session: SessionEntry): void {
    switch (record.type) {
      case 'login':
        this.#logins.inc({ result: record.result })
        return this.#outcome(record.result)
      case 'transfer':
        return this.#transfer(record, session)
      case 'progress':
        return this.#progress(record, session)
      case 'change':
        return this.#outcome(record.result)
      case 'refusal':
      case 'goodbye':
        return this.#errors.inc({ code: record.code })
      default:
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#delay.close()
  }

  #transfer({ op, result, bytes, ms, requestId }: TransferRecord, { transfer }: SessionEntry): void {
    this.#transfers.inc({ op, result })
    this.#transferSeconds.observe({ op }, ms / 1000)
    // What takes long is counted while it goes on.
    if (transfer?.requestId !== requestId) this.#pass(op, bytes)
    this.#outcome(result)
  }

  #progress({ requestId, bytes }: { requestId: number; bytes: number }, { transfer }: SessionEntry): void {
    if (transfer?.requestId === requestId) this.#pass(transfer.op, bytes - transfer.bytes)
  }

  #pass(op: 'put' | 'get', bytes: number): void {
    this.#bytes.inc({ direction: op === 'put' ? 'received' : 'sent' }, Math.max(0, bytes))
  }

  /** `result` is a code of an error, or says that there was none. */
  #outcome(result: string): void {
    if (!FINE.includes(result)) this.#errors.inc({ code: result })
  }

  #measureMain(): void {
    this.#threads.write(0, { lag: this.#delay.read() })
  }

  #addSessions({ sessions, waitingConnections }: MetricSources): void {
    this.#gauge('sessions', 'Sessions at the moment', ['state'], (gauge) => {
      let [total, loggedIn] = [0, 0]
      for (const { user } of sessions) {
        total++
        if (user !== '') loggedIn++
      }
      gauge.set({ state: 'logged-in' }, loggedIn)
      gauge.set({ state: 'before-login' }, total - loggedIn)
    })
    this.#gauge('transfers_running', 'Transfers of 1 MiB or more under way', ['op'], (gauge) => {
      const running = { put: 0, get: 0 }
      for (const { transfer } of sessions) if (transfer !== undefined) running[transfer.op]++
      for (const [op, count] of Object.entries(running)) gauge.set({ op }, count)
    })
    this.#gauge('waiting_connections', 'Connections that wait for a worker', [], (gauge) =>
      gauge.set(waitingConnections()),
    )
  }

  #addThreads(threads: ThreadGauges): void {
    const add = (name: string, help: string, read: (reading: ThreadReading) => number) =>
      this.#gauge(name, help, ['thread'], (gauge) => {
        gauge.reset()
        for (const [thread, reading] of threads) gauge.set({ thread }, read(reading))
      })
    add('event_loop_lag_seconds', 'Longest delay of the last 20 s', ({ lag }) => lag)
    add('waiting_requests', 'Requests that wait in sessions', ({ waitingRequests }) => waitingRequests)
    add('waiting_uploads', 'Uploads that wait for the disk', ({ waitingUploads }) => waitingUploads)
  }

  #addQuotas({ quotas }: MetricSources): void {
    const add = (name: string, help: string, read: (quota: QuotaUse) => number | undefined) =>
      this.#gauge(name, help, ['user'], (gauge) => {
        gauge.reset()
        for (const quota of quotas().slice(0, MAX_QUOTAS)) {
          const bytes = read(quota)
          if (bytes !== undefined) gauge.set({ user: quota.user }, bytes)
        }
      })
    add('quota_limit_bytes', 'What a user with a quota may store', ({ limit }) => limit)
    add('quota_used_bytes', 'What is stored in the home of a user with a quota', ({ used }) => used)
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name: `ftpd_${name}`, help, labelNames, registers: [this.registry] })
  }

  #histogram<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Histogram<L> {
    return new Histogram({
      name: `ftpd_${name}`,
      help,
      labelNames,
      buckets: DURATIONS,
      registers: [this.registry],
    })
  }

  #gauge<L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    read: (gauge: Gauge<L>) => void,
  ): void {
    new Gauge({
      name: `ftpd_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        read(this)
      },
    })
  }
}

const FINE: readonly string[] = ['ok', 'skipped', 'unchanged']

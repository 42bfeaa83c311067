import { join } from 'node:path'
import type { TransferResult } from '@jftp/client'
import {
  type OneOffMessage,
  type OneOffMessageOf,
  printable,
  splitRemotePath,
  type TransferPosition,
} from '@jftp/protocol'
import { ToldNames } from '../output/told-names.js'
import { formatFinished, formatTotals } from '../output/transfer-line.js'
import { TransferTally } from '../output/transfer-tally.js'
import type { ProgressView } from '../progress/progress-view.js'
import { type ActiveTransfer, TransferBoard } from '../progress/transfer-board.js'
import { formatCount } from '../text/quantity.js'
import type { Context } from './context.js'
import type { OneOffSubject } from './one-off.js'
import { report } from './transfer-report.js'
import { openView } from './transfer-show.js'

const LABEL_COLUMN = 40

/** Shows what a one-off server tells. Bars are there as long as somebody is. */
export class OneOffShow {
  readonly #context: Context
  readonly #subject: OneOffSubject
  readonly #toldNames: ToldNames
  readonly #active = new Map<string, ActiveTransfer>()
  readonly #done = new Set<string>()
  /** What is left to be fetched. */
  #files = 0
  #bytes = 0
  /** Undefined until somebody is there, so that the time they take is counted from then on. */
  #tally: TransferTally | undefined
  #board = new TransferBoard({ files: 0, bytes: undefined, isGrowing: true })
  #view: ProgressView | undefined

  constructor(context: Context, subject: OneOffSubject) {
    this.#context = context
    this.#subject = subject
    this.#toldNames = new ToldNames(context.settings)
  }

  /** All that is to be fetched. */
  plan({ files, bytes }: OneOffMessageOf<'ready'>): void {
    this.#files = files
    this.#bytes = bytes
  }

  async note(message: Exclude<OneOffMessage, { type: 'ready' | 'ended' | 'failed' }>): Promise<void> {
    switch (message.type) {
      case 'joined':
        return this.#joined(message.client)
      case 'left':
        return this.#left(message)
      case 'refused':
        return this.#line(`${addressOf(message.client)} was turned away: ${printable(message.reason)}`)
      case 'progress':
        return this.#progress(message.transfers)
      case 'transferred':
        return this.#transferred(message)
      case 'cut':
        return this.#cut(message.path, message.reason)
    }
  }

  /** Removes the bars. It may be called again. */
  close(): void {
    for (const active of this.#active.values()) active.drop()
    this.#active.clear()
    this.#view?.end()
    this.#view = undefined
  }

  totals(): void {
    if (this.#tally !== undefined) this.#context.output.note(formatTotals(this.#tally.totals()))
  }

  async #joined(client: string): Promise<void> {
    this.#tally ??= new TransferTally(this.#isShare ? this.#files : 0)
    this.#board = new TransferBoard(
      this.#isShare
        ? { files: this.#files, bytes: this.#bytes, isGrowing: false }
        : { files: 0, bytes: 0, isGrowing: true },
    )
    this.#context.output.note(`${addressOf(client)} has connected`)
    this.#view = await openView(this.#context, this.#board, { isStdoutTaken: false })
  }

  #left({ client, filesLeft, bytesLeft }: OneOffMessageOf<'left'>): void {
    this.close()
    this.#files = filesLeft
    this.#bytes = bytesLeft
    const what = filesLeft > 0 ? `; nobody has fetched ${formatCount(filesLeft, 'file')} yet` : ''
    this.#context.output.note(`${addressOf(client)} has left${what}`)
  }

  #progress(transfers: readonly TransferPosition[]): void {
    for (const { path, bytes, size } of transfers) this.#activeOf(path, size).update(bytes, size)
  }

  async #transferred({ path, bytes, ms, digest }: OneOffMessageOf<'transferred'>): Promise<void> {
    const active = this.#activeOf(path, bytes)
    active.update(bytes, bytes)
    active.end()
    this.#active.delete(path)
    const { subject } = active
    const result: TransferResult = {
      path,
      ...(subject.local === undefined ? {} : { local: subject.local }),
      ...{ bytes, ms, digest, resumedFrom: 0, status: this.#isShare ? 'sent' : 'received' },
    }
    if (!this.#isShare && !this.#done.has(path)) this.#tally?.found()
    // A file that is fetched again, because its client was cut off, counts once.
    if (!this.#done.has(path)) this.#tally?.done(result)
    this.#done.add(path)
    const line = this.#toldNames.next(
      () => formatFinished(subject.label, result, this.#layout),
      this.#tally?.files,
    )
    if (line !== undefined) this.#line(line)
    await report(this.#context, subject, result)
  }

  /** It may be tried again, so it does not count as failed. */
  async #cut(path: string, reason: string): Promise<void> {
    this.#active.get(path)?.drop()
    this.#active.delete(path)
    this.#line(`${printable(path)}: ${printable(reason)}`)
    await this.#context.output.event({ v: 1, event: 'warning', message: reason, path })
  }

  /** The transfer of a path, which begins when it is heard of first. */
  #activeOf(path: string, size: number | undefined): ActiveTransfer {
    const known = this.#active.get(path)
    if (known !== undefined) return known
    if (!this.#isShare) this.#board.grow(size ?? 0)
    const active = this.#board.begin({ label: printable(path), path, local: this.#localOf(path) }, size)
    this.#active.set(path, active)
    return active
  }

  #localOf(path: string): string | undefined {
    return this.#subject.type === 'receive' ? join(this.#subject.folder, ...splitRemotePath(path)) : undefined
  }

  /** A line that stays, above the bars if there are any. */
  #line(line: string): void {
    if (this.#view === undefined) this.#context.output.note(line)
    else if (this.#context.settings.verbosity !== 'quiet') this.#view.finished(line)
  }

  get #isShare(): boolean {
    return this.#subject.type === 'share'
  }

  get #layout() {
    return {
      labelColumn: LABEL_COLUMN,
      rows: this.#board.isSingle ? 'single' : 'several',
      width: this.#context.output.stderr.columns || 200,
    } as const
  }
}

/** The port of a client says nothing to people. */
function addressOf(client: string): string {
  return printable(client.replace(/:\d+$/, '').replace(/^\[?(?:::ffff:)?(.*?)\]?$/, '$1'))
}

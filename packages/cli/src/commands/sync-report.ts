import type { SyncEvent, SyncItem, SyncOptions, SyncRoots, TransferResult } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { FailureList } from '../output/failure-list.js'
import { ToldNames } from '../output/told-names.js'
import { formatFinished } from '../output/transfer-line.js'
import type { ProgressView } from '../progress/progress-view.js'
import { type ActiveTransfer, TransferBoard, type TransferSubject } from '../progress/transfer-board.js'
import { formatCount } from '../text/quantity.js'
import type { Context } from './context.js'
import { SyncTotals } from './sync-totals.js'
import { labelOf, report } from './transfer-report.js'
import { openView } from './transfer-show.js'

const LABEL_COLUMN = 40

const KINDS = {
  link: 'a link that leads out of the tree, to nothing or in a circle',
  other: 'a named pipe, a socket or a device',
} as const

/** Tells people and programs what a sync does, while it does it. */
export class SyncReport {
  readonly #context: Context
  readonly #direction: SyncRoots['direction']
  readonly #target: string
  readonly #mode: 'run' | 'plan'
  readonly #totals = new SyncTotals()
  readonly #active = new Map<string, ActiveTransfer>()
  readonly #failures: FailureList
  readonly #toldNames: ToldNames
  #board = new TransferBoard({ files: 0, bytes: undefined, isGrowing: true })
  #view: ProgressView | undefined

  constructor(context: Context, { direction, local, remote }: SyncRoots, mode: 'run' | 'plan') {
    this.#context = context
    this.#direction = direction
    this.#target = direction === 'up' ? remote : local
    this.#mode = mode
    this.#failures = new FailureList(context.settings.format)
    this.#toldNames = new ToldNames(context.settings)
  }

  /** What the library calls. */
  get listeners(): Pick<SyncOptions, 'onEvent' | 'onProgress'> {
    return {
      onEvent: (event) => this.#tell(event),
      onProgress: ({ path }, { bytes, total, resumedFrom }) =>
        this.#active.get(path)?.update(bytes, total, resumedFrom),
    }
  }

  /** The whole sync ends with this error. */
  stopped(error: unknown): void {
    this.#failures.add(error)
    this.#totals.stop()
  }

  /** Removes the bars and prints the totals. Throws what failed. */
  end(): void {
    this.#view?.end()
    if (this.#totals.isKnown) this.#context.output.note(this.#totals.format(this.#direction, this.#mode))
    this.#failures.throw()
  }

  async #tell(event: SyncEvent): Promise<void> {
    this.#totals.add(event)
    switch (event.type) {
      case 'compared':
        return this.#begin(event.files)
      case 'begun':
        this.#active.set(event.item.path, this.#board.begin(subjectOf(event.item), event.size))
        return
      case 'transferred':
        return event.result === undefined ? this.#plan(this.#verb, event.item) : this.#transferred(event)
      case 'unchanged':
      case 'skipped':
        this.#board.pass()
        // There may be millions of them.
        if (this.#context.settings.format !== 'json') return
        return report(this.#context, subjectOf(event.item), resultOf(event.item, event.type))
      case 'folder':
        return this.#mode === 'plan' ? this.#plan('make', event.item) : undefined
      case 'deleted':
        return this.#mode === 'plan' ? this.#plan('delete', event.item) : this.#deleted(event.item)
      case 'left-out':
        return this.#warn(this.#sourceOf(event.item), `left out, because it is ${KINDS[event.kind]}`)
      case 'not-deleted': {
        const names = formatCount(event.count, 'name')
        return this.#warn(this.#target, `${names} not deleted, because something failed before`)
      }
      case 'failed':
        this.#failures.add(event.error)
        return this.#failed(event.item)
    }
  }

  async #begin(files: number): Promise<void> {
    const { output } = this.#context
    output.endWait()
    this.#board = new TransferBoard({ files, bytes: undefined, isGrowing: false })
    if (this.#mode === 'run')
      this.#view = await openView(this.#context, this.#board, { isStdoutTaken: false })
  }

  async #transferred({ item, result }: Extract<SyncEvent, { type: 'transferred' }>): Promise<void> {
    const active = this.#active.get(item.path)
    this.#active.delete(item.path)
    if (result === undefined || active === undefined) return
    active.end()
    const width = this.#context.output.stderr.columns || 200
    const layout = { labelColumn: LABEL_COLUMN, rows: 'several', width } as const
    this.#tellName(() =>
      formatFinished(labelOf(active.subject, result), { ...result, ms: active.ms }, layout),
    )
    await report(this.#context, active.subject, result)
  }

  /** What a run would do: an answer, so it goes to stdout. */
  async #plan(
    action: 'send' | 'receive' | 'make' | 'delete',
    { path, local, remote }: SyncItem,
  ): Promise<void> {
    const { output } = this.#context
    await output.answer(`${action.padEnd(7)}  ${printable(path)}`)
    await output.event({ v: 1, event: 'planned', action, path: remote, local })
  }

  async #deleted({ path, local, remote }: SyncItem): Promise<void> {
    this.#tellName(() => `${printable(path)}  deleted`)
    await this.#context.output.event({ v: 1, event: 'deleted', path: remote, local, side: this.#side })
  }

  async #failed(item: SyncItem | undefined): Promise<void> {
    const active = this.#active.get(item?.path ?? '')
    this.#active.delete(item?.path ?? '')
    active?.end()
    if (active !== undefined) await report(this.#context, active.subject, undefined)
  }

  async #warn(path: string, message: string): Promise<void> {
    this.#note(`${printable(path)}: ${message}`)
    await this.#context.output.event({ v: 1, event: 'warning', path, message })
  }

  #sourceOf({ local, remote }: SyncItem): string {
    return this.#direction === 'up' ? local : remote
  }

  #tellName(line: () => string): void {
    const told = this.#toldNames.next(line)
    if (told !== undefined) this.#note(told)
  }

  #note(line: string): void {
    if (this.#view === undefined) this.#context.output.note(line)
    else this.#view.finished(line)
  }

  get #verb(): 'send' | 'receive' {
    return this.#direction === 'up' ? 'send' : 'receive'
  }

  get #side(): 'local' | 'remote' {
    return this.#direction === 'up' ? 'remote' : 'local'
  }
}

function subjectOf({ path, local, remote }: SyncItem): TransferSubject {
  return { label: printable(path), path: remote, local }
}

/** A file of which nothing had to be sent. */
function resultOf({ local, remote }: SyncItem, status: 'unchanged' | 'skipped'): TransferResult {
  return { path: remote, local, bytes: 0, digest: undefined, status, resumedFrom: 0, ms: 0 }
}

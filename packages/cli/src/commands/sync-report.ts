import type { SyncEvent, SyncOptions, SyncPlace, TransferResult, TreePlaces } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { FailureList } from '../output/failure-list.js'
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

/** If more files than this are sent or deleted, each further one is told of only with -v. */
const FEW_NAMES = 100

/** Tells people and programs what a sync does, while it does it. */
export class SyncReport {
  readonly #context: Context
  readonly #direction: TreePlaces['direction']
  readonly #target: string
  readonly #mode: 'run' | 'plan'
  readonly #totals = new SyncTotals()
  readonly #active = new Map<string, ActiveTransfer>()
  readonly #failures: FailureList
  #toldNames = 0
  #board = new TransferBoard({ files: 0, bytes: undefined, extent: 'grows' })
  #view: ProgressView | undefined

  constructor(context: Context, { direction, local, remote }: TreePlaces, mode: 'run' | 'plan') {
    this.#context = context
    this.#direction = direction
    this.#target = direction === 'up' ? remote : local
    this.#mode = mode
    this.#failures = new FailureList(context.settings.format)
  }

  /** What the library calls. */
  get listeners(): Pick<SyncOptions, 'onEvent' | 'onProgress'> {
    return {
      onEvent: (event) => this.#tell(event),
      onProgress: ({ path }, { bytes, total }) => this.#active.get(path)?.update(bytes, total),
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
        this.#active.set(event.place.path, this.#board.begin(subjectOf(event.place), event.size))
        return
      case 'transferred':
        return event.result === undefined ? this.#plan(this.#verb, event.place) : this.#transferred(event)
      case 'unchanged':
      case 'skipped':
        this.#board.pass()
        // There may be millions of them.
        if (this.#context.settings.format !== 'json') return
        return report(this.#context, subjectOf(event.place), resultOf(event.place, event.type))
      case 'folder':
        return this.#mode === 'plan' ? this.#plan('make', event.place) : undefined
      case 'deleted':
        return this.#mode === 'plan' ? this.#plan('delete', event.place) : this.#deleted(event.place)
      case 'left-out':
        return this.#warn(this.#sourceOf(event.place), `left out, because it is ${KINDS[event.kind]}`)
      case 'not-deleted': {
        const names = formatCount(event.count, 'name')
        return this.#warn(this.#target, `${names} not deleted, because something failed before`)
      }
      case 'failed':
        this.#failures.add(event.error)
        return this.#failed(event.place)
    }
  }

  async #begin(files: number): Promise<void> {
    const { output } = this.#context
    output.endWait()
    this.#board = new TransferBoard({ files, bytes: undefined, extent: 'fixed' })
    if (this.#mode === 'run') this.#view = await openView(this.#context, this.#board, 'nothing')
  }

  async #transferred({ place, result }: Extract<SyncEvent, { type: 'transferred' }>): Promise<void> {
    const active = this.#active.get(place.path)
    this.#active.delete(place.path)
    if (result === undefined || active === undefined) return
    active.end()
    const width = this.#context.output.stderr.columns || 200
    const layout = { labelColumn: LABEL_COLUMN, rows: 'several', width } as const
    if (this.#isToBeTold()) {
      this.#view?.finished(
        formatFinished(labelOf(active.subject, result), { ...result, ms: active.ms }, layout),
      )
    }
    await report(this.#context, active.subject, result)
  }

  /** What a run would do: an answer, so it goes to stdout. */
  async #plan(
    action: 'send' | 'receive' | 'make' | 'delete',
    { path, local, remote }: SyncPlace,
  ): Promise<void> {
    const { output } = this.#context
    await output.answer(`${action.padEnd(7)}  ${printable(path)}`)
    await output.event({ v: 1, event: 'planned', action, path: remote, local })
  }

  async #deleted({ path, local, remote }: SyncPlace): Promise<void> {
    if (this.#isToBeTold()) this.#note(`${printable(path)}  deleted`)
    await this.#context.output.event({ v: 1, event: 'deleted', path: remote, local, side: this.#side })
  }

  async #failed(place: SyncPlace | undefined): Promise<void> {
    const active = this.#active.get(place?.path ?? '')
    this.#active.delete(place?.path ?? '')
    active?.end()
    if (active !== undefined) await report(this.#context, active.subject, undefined)
  }

  async #warn(path: string, message: string): Promise<void> {
    this.#note(`${printable(path)}: ${message}`)
    await this.#context.output.event({ v: 1, event: 'warning', path, message })
  }

  #sourceOf({ local, remote }: SyncPlace): string {
    return this.#direction === 'up' ? local : remote
  }

  #isToBeTold(): boolean {
    return ++this.#toldNames <= FEW_NAMES || this.#context.settings.verbosity === 'verbose'
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

function subjectOf({ path, local, remote }: SyncPlace): TransferSubject {
  return { label: printable(path), path: remote, local }
}

/** A file of which nothing had to be sent. */
function resultOf({ local, remote }: SyncPlace, status: 'unchanged' | 'skipped'): TransferResult {
  return { path: remote, local, bytes: 0, digest: undefined, status, resumedFrom: 0, ms: 0 }
}

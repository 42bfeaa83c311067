import type { Progress, TransferResult } from '@jftp/client'
import { FailureList } from '../output/failure-list.js'
import { canDraw } from '../output/output.js'
import { ToldNames } from '../output/told-names.js'
import { type FinishedLayout, formatFinished, formatTotals } from '../output/transfer-line.js'
import { TransferTally } from '../output/transfer-tally.js'
import { createProgressView, type ProgressMode, type ProgressView } from '../progress/progress-view.js'
import {
  type ActiveTransfer,
  type Plan,
  TransferBoard,
  type TransferSubject,
} from '../progress/transfer-board.js'
import type { Context } from './context.js'
import { labelOf, report } from './transfer-report.js'

export interface TransferShowOptions {
  readonly plan: Plan
  /** Columns that the labels take, at most. */
  readonly labelColumn: number
  /** Whether the files themselves go to stdout, so that nothing may be drawn over them. */
  readonly isStdoutTaken: boolean
}

/** Shows a batch of transfers while it runs, and ends with a line of totals and the failures. */
export class TransferShow {
  readonly board: TransferBoard
  readonly #context: Context
  readonly #tally: TransferTally
  readonly #view: ProgressView
  readonly #layout: FinishedLayout
  readonly #failures: FailureList
  readonly #toldNames: ToldNames

  private constructor(
    context: Context,
    board: TransferBoard,
    view: ProgressView,
    options: TransferShowOptions,
  ) {
    const { plan, labelColumn } = options
    this.#context = context
    this.board = board
    this.#view = view
    this.#tally = new TransferTally(plan.files)
    this.#toldNames = new ToldNames(context.settings)
    this.#failures = new FailureList(context.settings.format)
    this.#layout = {
      labelColumn,
      rows: board.isSingle ? 'single' : 'several',
      width: context.output.stderr.columns || 200,
    }
  }

  static async open(context: Context, options: TransferShowOptions): Promise<TransferShow> {
    const board = new TransferBoard(options.plan)
    context.output.endWait()
    const view = await openView(context, board, options)
    return new TransferShow(context, board, view, options)
  }

  /** One file more was found. */
  found(size: number): void {
    this.board.grow(size)
    this.#tally.found()
  }

  /** A file is done. If stdout takes no more, the promise resolves when it does. */
  done(active: ActiveTransfer, result: TransferResult): void | Promise<void> {
    active.end()
    this.#tally.done(result)
    const { subject, ms } = active
    const line = this.#toldNames.next(
      () => formatFinished(labelOf(subject, result), { ...result, ms }, this.#layout),
      this.#tally.files,
    )
    if (line !== undefined) this.#view.finished(line)
    return report(this.#context, active.subject, result)
  }

  /** A file has failed. It is counted and told of at the end. */
  async failed(active: ActiveTransfer, error: unknown): Promise<void> {
    this.#tally.failed()
    this.#failures.add(error)
    await this.dropped(active)
  }

  /** A file was stopped with the whole batch. */
  async dropped(active: ActiveTransfer): Promise<void> {
    active.end()
    await report(this.#context, active.subject, undefined)
  }

  /** Something else has failed: a folder that can't be read, or a name that can't be sent. */
  failedBeside(error: unknown): void {
    this.#tally.failedBeside()
    this.#failures.add(error)
  }

  /** The whole batch ends with this error, which is counted nowhere. */
  stopped(error: unknown): void {
    this.#failures.add(error)
  }

  /** A line above the bars. */
  note(line: string): void {
    if (this.#context.settings.verbosity !== 'quiet') this.#view.finished(line)
  }

  /** Ends the view and prints the totals. Throws what failed. */
  end(): void {
    this.#view.end()
    const totals = this.#tally.totals()
    if (!this.board.isSingle || totals.failed === 0) this.#context.output.note(formatTotals(totals))
    this.#failures.throw()
  }
}

/** What a transfer tells of its progress, for its line. */
export function updating(active: ActiveTransfer): (progress: Progress) => void {
  return ({ bytes, total, resumedFrom }) => active.update(bytes, total, resumedFrom)
}

/** The view of a batch's progress that the settings and the terminal ask for. */
export function openView(
  context: Context,
  board: TransferBoard,
  options: Pick<TransferShowOptions, 'isStdoutTaken'>,
): Promise<ProgressView> {
  const { output } = context
  context.watchTransfers?.(board)
  return createProgressView(modeOf(context, options), board, {
    stderr: output.stderr,
    onPosition: ({ path, local }: TransferSubject, bytes, total) => {
      const event = {
        v: 1,
        event: 'progress',
        path,
        ...(local === undefined ? {} : { local }),
        bytes,
        ...(total === undefined ? {} : { total }),
      } as const
      // If stdout takes no more, the next event that is waited for says so.
      output.event(event).catch(() => {})
    },
  })
}

function modeOf(
  { settings, output }: Context,
  { isStdoutTaken }: Pick<TransferShowOptions, 'isStdoutTaken'>,
): ProgressMode {
  const { progress, verbosity, format } = settings
  if (verbosity === 'quiet' && format === 'text') return 'none'
  const hasBars = canDraw(output.stderr) && !(isStdoutTaken && output.stdout.isTTY)
  switch (progress) {
    case 'auto':
      return format === 'json' ? 'json' : hasBars ? 'bar' : 'lines'
    case 'bar':
      return hasBars ? 'bar' : 'lines'
    case 'json':
      return format === 'json' ? 'json' : 'none'
    default:
      return progress
  }
}

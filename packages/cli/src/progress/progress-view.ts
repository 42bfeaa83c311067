import type { TransferBoard, TransferSubject } from './transfer-board.js'

/** Shows the transfers of one board while they run. */
export interface ProgressView {
  /** A line that stays: a finished file. */
  finished(line: string): void
  /** Takes away what was only for the time being. Call once. */
  end(): void
}

/** How progress is shown: `lines` has no cursor movement and suits a log. */
export type ProgressMode = 'bar' | 'lines' | 'json' | 'none'

export interface ProgressTargets {
  readonly stderr: NodeJS.WriteStream
  /** Takes how far one file is, for programs. */
  readonly onPosition: (subject: TransferSubject, bytes: number, total: number | undefined) => void
}

/** The view of that mode; loads only what it needs. */
export async function createProgressView(
  mode: ProgressMode,
  board: TransferBoard,
  targets: ProgressTargets,
): Promise<ProgressView> {
  switch (mode) {
    case 'bar': {
      const { BarView } = await import('./bar-view.js')
      return new BarView(board, targets.stderr)
    }
    case 'lines': {
      const { LineView } = await import('./line-view.js')
      return new LineView(board, targets.stderr)
    }
    case 'json': {
      const { JsonView } = await import('./json-view.js')
      return new JsonView(board, targets.onPosition)
    }
    case 'none':
      return { finished() {}, end() {} }
  }
}

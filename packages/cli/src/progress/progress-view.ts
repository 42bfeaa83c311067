import type { TransferBoard, TransferSubject } from './transfer-board.js'

/** Shows the transfers of one board while they run. */
export interface ProgressView {
  /** Prints a line that stays, about a finished file. */
  finished(line: string): void
  /** Removes the bars. It is called once. */
  end(): void
}

/** How progress is shown. `lines` moves no cursor, so it suits a log. */
export type ProgressMode = 'bar' | 'lines' | 'json' | 'none'

export interface ProgressTargets {
  readonly stderr: NodeJS.WritableStream
  /** Is told how far one file is, for programs. */
  readonly onPosition: (subject: TransferSubject, bytes: number, total: number | undefined) => void
}

/** Creates the view of a mode, and loads only that one. */
export async function createProgressView(
  mode: ProgressMode,
  board: TransferBoard,
  targets: ProgressTargets,
): Promise<ProgressView> {
  switch (mode) {
    case 'bar': {
      const { BarView } = await import('./bar-view.js')
      // Bars are asked for only if it is a terminal.
      return new BarView(board, targets.stderr as NodeJS.WriteStream)
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

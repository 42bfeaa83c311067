import type { TransferResult, TreeEvent, TreeFile, TreeResult } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { ActiveTransfer } from '../progress/transfer-board.js'
import type { Context } from './context.js'
import { limitHeapGrowth } from './heap-growth.js'
import type { WatchSource } from './source-removal.js'
import { TransferShow } from './transfer-show.js'

const LABEL_COLUMN = 40

/**
 * Runs trees and shows them as they go: the totals grow as long as the walk finds files. If `watch` is given, it
 * deletes the source of each file that was moved.
 */
export async function runTrees(
  context: Context,
  watch: WatchSource | undefined,
  run: (onEvent: (event: TreeEvent) => void | Promise<void>) => Promise<TreeResult>,
): Promise<void> {
  await limitHeapGrowth()
  const plan = { files: 0, bytes: 0, isGrowing: true } as const
  const show = await TransferShow.open(context, { plan, labelColumn: LABEL_COLUMN, isStdoutTaken: false })
  const active = new Map<TreeFile, ActiveTransfer>()
  const take = (file: TreeFile): ActiveTransfer => {
    const transfer = active.get(file) ?? show.board.begin(subjectOf(file), file.size)
    active.delete(file)
    return transfer
  }
  const removals = new Map<TreeFile, Awaited<ReturnType<WatchSource>>>()
  const removeSource = async (file: TreeFile, result: TransferResult) => {
    const remove = removals.get(file)
    removals.delete(file)
    try {
      await remove?.(result)
    } catch (error) {
      return show.failed(take(file), error)
    }
    await show.done(take(file), result)
  }
  try {
    await run((event) => {
      switch (event.type) {
        case 'found':
          return show.found(event.file.size)
        case 'walked':
          return show.board.complete()
        case 'began':
          active.set(event.file, show.board.begin(subjectOf(event.file), event.file.size))
          return watch?.(event.file).then((remove) => void removals.set(event.file, remove))
        case 'progress': {
          const { bytes, total, resumedFrom } = event.progress
          return active.get(event.file)?.update(bytes, total, resumedFrom)
        }
        case 'ended':
          return watch === undefined
            ? show.done(take(event.file), event.result)
            : removeSource(event.file, event.result)
        case 'failed':
          if (event.file !== undefined) removals.delete(event.file)
          return event.file === undefined
            ? show.failedBeside(event.error)
            : show.failed(take(event.file), event.error)
        case 'left-out':
          return leftOut(context, show, event)
      }
    })
  } catch (error) {
    show.stopped(error)
  }
  for (const transfer of active.values()) await show.dropped(transfer).catch(() => {})
  show.end()
}

function subjectOf({ path, local }: TreeFile) {
  return { label: printable(path), path, local }
}

async function leftOut(
  { output }: Context,
  show: TransferShow,
  { path, reason }: Extract<TreeEvent, { type: 'left-out' }>,
): Promise<void> {
  show.note(`${printable(path)}: left out, because it is ${reason}`)
  await output.event({ v: 1, event: 'warning', path, message: `left out, because it is ${reason}` })
}

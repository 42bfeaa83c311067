import type { SyncStep } from './sync-plan.js'
import { isBelow, type TreeEntry } from './tree-entry.js'

/** What a plan says about names that are in the way of the source or that only the target has. */
export type Deletion =
  | { readonly type: 'delete'; readonly path: string; readonly target: TreeEntry }
  /** The folder would have to go, but something in it must not. */
  | { readonly type: 'keep'; readonly path: string }

interface DeletedFolder {
  readonly target: TreeEntry
  hasProtected: boolean
}

/** What is to be deleted, each folder after everything in it. It keeps only the folders on the way. */
export function* planDeletions(steps: Iterable<SyncStep>): Generator<Deletion, void> {
  const open: DeletedFolder[] = []
  for (const step of steps) {
    yield* close(open, ({ target }) => step.path !== target.path && !isBelow(step.path, target.path))
    if (step.type === 'protected') for (const folder of open) folder.hasProtected = true
    if (step.type !== 'extra' && step.type !== 'conflict') continue
    const { path, target } = step
    if (target.type === 'directory') open.push({ target, hasProtected: false })
    else yield { type: 'delete', path, target }
  }
  yield* close(open, () => true)
}

/** Ends the folders that are done with, the innermost first. */
function* close(
  open: DeletedFolder[],
  isDone: (folder: DeletedFolder) => boolean,
): Generator<Deletion, void> {
  for (let folder = open.at(-1); folder !== undefined && isDone(folder); folder = open.at(-1)) {
    open.pop()
    const { target, hasProtected } = folder
    const { path } = target
    yield hasProtected ? { type: 'keep', path } : { type: 'delete', path, target }
  }
}

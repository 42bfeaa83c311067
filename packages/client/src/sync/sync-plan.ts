import { isBelow, type TreeEntry } from './tree-entry.js'
import { type EntryPair, pairUp } from './tree-pairs.js'

/** One thing that the comparison of two trees has found, about the name `path` below both roots. */
export type SyncStep =
  /** The folder is missing in the target. */
  | {
      readonly type: 'make-folder'
      readonly path: string
      readonly source: TreeEntry
      readonly order: StepOrder
    }
  /** A file to compare with the one in the target, if there is one. */
  | {
      readonly type: 'file'
      readonly path: string
      readonly source: TreeEntry
      readonly target: TreeEntry | undefined
      readonly order: StepOrder
    }
  /** Only the target has it. A folder comes before what is in it. */
  | { readonly type: 'extra'; readonly path: string; readonly target: TreeEntry }
  /** One side has a file and the other something else, for instance a folder. */
  | {
      readonly type: 'conflict'
      readonly path: string
      readonly source: TreeEntry
      readonly target: TreeEntry
    }
  /** The target has it, and nothing may be done to it. */
  | { readonly type: 'protected'; readonly path: string }
  /** The source has something here that can't be sent: a link, a device, a name that is not UTF-8. */
  | { readonly type: 'left-out'; readonly path: string; readonly source: TreeEntry }

/** `last`: it can be done only when what has its name, or the name of a folder it is in, is gone from the target. */
export type StepOrder = 'any' | 'last'

/**
 * Compares two trees, each in the order of `comparePaths`, and tells what is to be done to make the target like the
 * source. It keeps nothing but the folders on the way to the current name, however large the trees are.
 */
export function* planSync(
  source: Iterable<TreeEntry>,
  target: Iterable<TreeEntry>,
): Generator<SyncStep, void> {
  const course = new Course()
  for (const pair of pairUp(source, target)) {
    if (!course.isBlocked(pair.path)) yield* course.stepsFor(pair)
  }
}

/** What is known of the folders on the way to the current path. */
class Course {
  /** Nothing below it is told. */
  #blocked: string | undefined
  #conflict: string | undefined
  /** Folders that are made only if something in them is sent. */
  #pending: TreeEntry[] = []

  isBlocked(path: string): boolean {
    return this.#blocked !== undefined && isBelow(path, this.#blocked)
  }

  *stepsFor({ path, source, target }: EntryPair): Generator<SyncStep, void> {
    if (isSettled(source) || isSettled(target)) {
      this.#blocked = path
      if (target !== undefined) yield { type: 'protected', path }
    } else if (source === undefined) {
      if (target !== undefined) yield extra(target)
    } else if (isLeftOut(source)) {
      this.#blocked = path
      yield { type: 'left-out', path, source }
      if (target !== undefined) yield { type: 'protected', path }
    } else if (target === undefined || target.type === source.type) {
      yield* this.#transfer(path, source, target)
    } else if (source.selection === 'passed' || target.selection === 'passed') {
      this.#blocked = path
      yield { type: 'protected', path }
    } else {
      this.#conflict = path
      yield { type: 'conflict', path, source, target }
      yield* this.#transfer(path, source, undefined)
    }
  }

  *#transfer(path: string, source: TreeEntry, target: TreeEntry | undefined): Generator<SyncStep, void> {
    const order = this.#orderOf(path)
    this.#pending = this.#pending.filter((folder) => isBelow(path, folder.path))
    if (source.type === 'directory') {
      if (target !== undefined) return
      if (source.selection === 'passed') this.#pending.push(source)
      else {
        yield* this.#makePending(order)
        yield { type: 'make-folder', path, source, order }
      }
      return
    }
    yield* this.#makePending(order)
    yield { type: 'file', path, source, target, order }
  }

  *#makePending(order: StepOrder): Generator<SyncStep, void> {
    for (const source of this.#pending) yield { type: 'make-folder', path: source.path, source, order }
    this.#pending = []
  }

  #orderOf(path: string): StepOrder {
    const conflict = this.#conflict
    return conflict !== undefined && (path === conflict || isBelow(path, conflict)) ? 'last' : 'any'
  }
}

function isSettled(entry: TreeEntry | undefined): boolean {
  return entry?.selection === 'excluded' || entry?.type === 'unreadable'
}

function isLeftOut({ type, isNameable }: TreeEntry): boolean {
  return !isNameable || type === 'link' || type === 'other'
}

function extra(target: TreeEntry): SyncStep {
  const { path, selection, isNameable } = target
  const mayGo = selection === 'included' && isNameable
  return mayGo ? { type: 'extra', path, target } : { type: 'protected', path }
}

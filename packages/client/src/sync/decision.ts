import type { OnExists } from '../call-options.js'
import { isSameTime } from './same-time.js'
import type { TreeEntry } from './tree-entry.js'

/**
 * How two files of one path are compared, and what is done if they differ. `comparison`: `size-and-time` takes files of
 * the same size and mtime for equal, `size` those of the same size, and `digest` reads both.
 */
export interface DecisionOptions {
  readonly comparison: 'size-and-time' | 'size' | 'digest'
  readonly onExists: OnExists
  /** Milliseconds since 1970: only files that were changed later are sent. */
  readonly newerThan: number | undefined
}

/** What to do about one file; `digest` if only its content can tell. */
export type Decision = 'send' | 'unchanged' | 'skip' | 'refuse' | 'digest'

/** Decides as far as that can be done without reading the files. */
export function decide(source: TreeEntry, target: TreeEntry | undefined, options: DecisionOptions): Decision {
  const { comparison, newerThan } = options
  if (newerThan !== undefined && source.mtime <= newerThan) return 'skip'
  if (target === undefined) return 'send'
  if (source.size !== target.size) return decideDifferent(source, target, options)
  if (comparison === 'digest') return 'digest'
  const isEqual = comparison === 'size' || isSameTime(source.mtime, target.mtime)
  return isEqual ? 'unchanged' : decideDifferent(source, target, options)
}

/** Decides about two files that are known to differ. */
export function decideDifferent(
  source: TreeEntry,
  target: TreeEntry,
  { onExists }: DecisionOptions,
): Exclude<Decision, 'digest'> {
  switch (onExists) {
    case 'skip':
      return 'skip'
    case 'fail':
      return 'refuse'
    case 'newer':
      return source.mtime > target.mtime && !isSameTime(source.mtime, target.mtime) ? 'send' : 'skip'
    default:
      return 'send'
  }
}

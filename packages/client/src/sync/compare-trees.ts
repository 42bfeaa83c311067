import { FtpError } from '../errors/ftp-error.js'
import { DIGEST_BATCH, type FileDigests } from './file-digests.js'
import { isBelow, type TreeEntry } from './tree-entry.js'
import { type EntryPair, pairUp } from './tree-pairs.js'

/** What a comparison of two trees says about one path. A folder that only one side has is told without what is in it. */
export type TreeComparison =
  | {
      readonly type: 'same' | 'differs' | 'only-here' | 'only-there'
      /** Below both roots. */
      readonly path: string
      readonly kind: 'file' | 'folder' | 'link' | 'other'
    }
  | { readonly type: 'failed'; readonly path?: string; readonly error: FtpError }

/** A path about which everything is known, or two files whose contents have to be compared. */
type Finding = TreeComparison | { readonly type: 'files'; readonly path: string }

/** Paths that may wait for the digests of earlier ones, so that all are told in order. */
const MAX_WAITING = 4096

/** Compares two trees, each in the order of `comparePaths`. `here` is the local one. */
export async function* compareTrees(
  here: Iterable<TreeEntry>,
  there: Iterable<TreeEntry>,
  digests: FileDigests,
): AsyncGenerator<TreeComparison, void, undefined> {
  let waiting: Finding[] = []
  let files = 0
  for (const finding of findings(here, there)) {
    if (finding.type === 'files') files++
    if (finding.type !== 'files' && files === 0) yield finding
    else waiting.push(finding)
    if (files < DIGEST_BATCH && waiting.length < MAX_WAITING) continue
    yield* await settle(waiting, digests)
    waiting = []
    files = 0
  }
  yield* await settle(waiting, digests)
}

async function settle(waiting: readonly Finding[], digests: FileDigests): Promise<TreeComparison[]> {
  const files = waiting.filter(({ type }) => type === 'files').map(({ path = '' }) => path)
  const results = (await digests.compare(files))[Symbol.iterator]()
  return waiting.map((finding) => {
    if (finding.type !== 'files') return finding
    const { path } = finding
    const result = results.next().value
    if (result instanceof FtpError) return { type: 'failed', path, error: result }
    return { type: result === 'same' ? 'same' : 'differs', path, kind: 'file' }
  })
}

function* findings(here: Iterable<TreeEntry>, there: Iterable<TreeEntry>): Generator<Finding, void> {
  let told: string | undefined
  for (const pair of pairUp(here, there)) {
    if (told !== undefined && isBelow(pair.path, told)) continue
    const finding = find(pair)
    if (finding !== undefined && finding !== 'unknown') yield finding
    // What is below it is told with it, or is not known.
    if (finding !== undefined) told = pair.path
  }
}

/** Undefined if there is nothing to tell of a folder itself; `unknown` if nothing is told of what is in it either. */
function find({ path, source: here, target: there }: EntryPair): Finding | 'unknown' | undefined {
  const [first, second] = here === undefined ? [there as TreeEntry, undefined] : [here, there]
  if (isUnknown(here) || isUnknown(there)) return 'unknown'
  const kind = kindOf(first)
  if (second === undefined) {
    if (first.selection === 'passed') return undefined
    return { type: here === undefined ? 'only-there' : 'only-here', path, kind }
  }
  if (first.type !== second.type) return { type: 'differs', path, kind }
  switch (first.type) {
    case 'directory':
      return undefined
    case 'file':
      return first.size === second.size ? { type: 'files', path } : { type: 'differs', path, kind }
    // A link that can't be followed.
    case 'link':
      return { type: first.linkTarget === second.linkTarget ? 'same' : 'differs', path, kind }
    default:
      // Two devices or two pipes have no content that could be compared.
      return { type: 'same', path, kind }
  }
}

function isUnknown(entry: TreeEntry | undefined): boolean {
  return entry?.selection === 'excluded' || entry?.type === 'unreadable'
}

function kindOf({ type }: TreeEntry): 'file' | 'folder' | 'link' | 'other' {
  return type === 'directory' ? 'folder' : type === 'unreadable' ? 'other' : type
}

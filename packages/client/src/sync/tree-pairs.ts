import { comparePaths, type TreeEntry } from './tree-entry.js'

/** Both sides of one path. At least one of them is there. */
export interface EntryPair {
  readonly path: string
  readonly source: TreeEntry | undefined
  readonly target: TreeEntry | undefined
}

/** Every path of two trees, each in the order of `comparePaths`, once. */
export function* pairUp(
  source: Iterable<TreeEntry>,
  target: Iterable<TreeEntry>,
): Generator<EntryPair, void> {
  const [sources, targets] = [source[Symbol.iterator](), target[Symbol.iterator]()]
  let [one, other] = [sources.next(), targets.next()]
  while (!one.done || !other.done) {
    const order = one.done ? 1 : other.done ? -1 : comparePaths(one.value.path, other.value.path)
    const [here, there] = [
      order <= 0 ? (one.value as TreeEntry) : undefined,
      order >= 0 ? (other.value as TreeEntry) : undefined,
    ]
    yield { path: (here ?? (there as TreeEntry)).path, source: here, target: there }
    if (here !== undefined) one = sources.next()
    if (there !== undefined) other = targets.next()
  }
}

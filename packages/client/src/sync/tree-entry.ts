/** One name below the root of a tree that is compared with another one, here or on the server. */
export interface TreeEntry {
  /** Names joined by `/`, from the root of the tree; never empty. */
  readonly path: string
  /** `unreadable` stands for a folder whose names are not known. */
  readonly type: 'file' | 'directory' | 'link' | 'other' | 'unreadable'
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  /**
   * What the rules of `filters` say: an `excluded` name is left alone on both sides, and nothing below it is told. A
   * folder that is `passed` is excluded itself, but names below it may be included.
   */
  readonly selection: 'included' | 'excluded' | 'passed'
  /** The path that is stored in a link. */
  readonly linkTarget?: string | undefined
  /** False if no request can name it, because its name is not UTF-8. */
  readonly isNameable: boolean
}

/** A folder that can't be read. Nothing is known of it but its name. */
export function unreadableEntry(path: string): TreeEntry {
  return { path, type: 'unreadable', size: 0, mtime: 0, selection: 'included', isNameable: true }
}

const SLASH = 0x2f

/**
 * Compares paths so that everything in a folder comes directly behind the folder, in the same order on both sides:
 * like `<` on strings, but `/` comes before every other character.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one !== other) return one === SLASH ? -1 : other === SLASH ? 1 : one - other
  }
  return a.length - b.length
}

/** Whether a path is below a folder, at any depth. */
export function isBelow(path: string, folder: string): boolean {
  return path.length > folder.length && path.charCodeAt(folder.length) === SLASH && path.startsWith(folder)
}

/** The folder of a path; empty for a name in the root of the tree. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

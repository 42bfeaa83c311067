import { createNameGlob } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { TreeEntry } from './tree-entry.js'

/**
 * One rule about names. The first rule that matches a name, or a folder that the name is in, decides. What no rule
 * matches is included.
 *
 * A pattern without `/` matches a name in any folder. One with a `/` at its beginning or in its middle matches a whole
 * path from the root of the tree. With a `/` at its end it matches folders only. `*` is any number of characters, `?`
 * is one and `[a-z]` one of these, none of them a `/`; `**` between slashes is any number of folders. A leading dot is
 * like any other character, and a backslash makes the next character literal. Letters have to have the same case.
 */
export interface FilterRule {
  readonly type: 'include' | 'exclude'
  readonly pattern: string
}

interface Matcher {
  readonly type: FilterRule['type']
  readonly foldersOnly: boolean
  /** Whether the pattern is about the last name or about the whole path. */
  readonly subject: 'name' | 'path'
  readonly matches: (text: string) => boolean
}

/** What unfinished transfers leave, and what the server keeps, is no part of any tree. */
const RESERVED: readonly FilterRule[] = [
  { type: 'exclude', pattern: '.jftp' },
  { type: 'exclude', pattern: '.jftp-*.part' },
  { type: 'exclude', pattern: '.jftp-link-*' },
]

/** Says which names of a tree a sync or a diff is about. */
export class NameFilter {
  readonly #matchers: readonly Matcher[]
  /** The number of include rules before each rule. */
  readonly #includesBefore: readonly number[]

  /** Throws `usage` for a pattern that can match nothing. */
  constructor(rules: readonly FilterRule[]) {
    const all = [...RESERVED, ...rules]
    this.#matchers = all.map(toMatcher)
    let includes = 0
    this.#includesBefore = all.map(({ type }) => (type === 'include' ? includes++ : includes))
  }

  /**
   * A folder that is excluded is `passed` if a rule before the one that excludes it may include something in it; then
   * its names have to be looked at too.
   */
  select(path: string, type: TreeEntry['type']): TreeEntry['selection'] {
    const decisive = this.#matchers.findIndex((matcher) => matchesWithin(matcher, path, type))
    if (this.#matchers[decisive]?.type !== 'exclude') return 'included'
    const isFolder = type === 'directory' || type === 'unreadable'
    return isFolder && (this.#includesBefore[decisive] ?? 0) > 0 ? 'passed' : 'excluded'
  }
}

/** Whether a rule matches a path or a folder on the way to it. */
function matchesWithin(matcher: Matcher, path: string, type: TreeEntry['type']): boolean {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    if (matchesOne(matcher, path.slice(0, end))) return true
  }
  if (matcher.foldersOnly && type !== 'directory' && type !== 'unreadable') return false
  return matchesOne(matcher, path)
}

function matchesOne({ subject, matches }: Matcher, path: string): boolean {
  return matches(subject === 'path' ? path : path.slice(path.lastIndexOf('/') + 1))
}

function toMatcher({ type, pattern }: FilterRule): Matcher {
  const foldersOnly = /[^\\](?:\\\\)*\/$/.test(pattern)
  const body = pattern.replace(/^\//, '').replace(/\/$/, '')
  if (body === '' || body.startsWith('/')) {
    throw new FtpError(
      'usage',
      `the pattern '${pattern}' names nothing; write a name such as *.tmp or a path`,
    )
  }
  const subject = /^\/|\/./.test(pattern) ? 'path' : 'name'
  return {
    type,
    foldersOnly,
    subject,
    matches: subject === 'name' ? createNameGlob(body) : createPathGlob(body),
  }
}

/** Whether a path matches a pattern whose names are patterns, and in which `**` is any number of folders. */
function createPathGlob(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/').map((part) => (part === '**' ? 'folders' : createNameGlob(part)))
  return (path) => matchParts(parts, path.split('/'))
}

function matchParts(
  [part, ...others]: readonly ('folders' | ((name: string) => boolean))[],
  names: readonly string[],
): boolean {
  const [name, ...rest] = names
  if (part === undefined) return name === undefined
  if (name === undefined) return false
  if (part !== 'folders') return part(name) && matchParts(others, rest)
  // At the end of a pattern, `**` is everything in the folder.
  return others.length === 0 || matchParts(others, names) || matchParts([part, ...others], rest)
}

import type { TreeEntry } from './tree-entry.js'

/** Ends a record. No path holds it. */
export const RECORD_END = 0

const TYPES = ['file', 'directory', 'link', 'other', 'unreadable'] as const
const SELECTIONS = ['included', 'excluded', 'passed'] as const

/**
 * An entry as text, without its end. Most are written without JSON, because millions of them may be written and are
 * read several times: three digits for the choices, size, mtime and path.
 */
export function writeRecord(entry: TreeEntry): string {
  const { path, type, size, mtime, selection, isNameable, linkTarget } = entry
  if (linkTarget !== undefined || !path.isWellFormed()) return JSON.stringify(entry)
  const choices = `${TYPES.indexOf(type)}${SELECTIONS.indexOf(selection)}${isNameable ? 1 : 0}`
  return `${choices} ${size} ${mtime} ${path}`
}

export function readRecord(record: string): TreeEntry {
  if (record.startsWith('{')) return JSON.parse(record) as TreeEntry
  const afterSize = record.indexOf(' ', 4)
  const afterTime = record.indexOf(' ', afterSize + 1)
  return {
    path: record.slice(afterTime + 1),
    type: TYPES[Number(record[0])] as TreeEntry['type'],
    size: Number(record.slice(4, afterSize)),
    mtime: Number(record.slice(afterSize + 1, afterTime)),
    selection: SELECTIONS[Number(record[1])] as TreeEntry['selection'],
    isNameable: record[2] === '1',
  }
}

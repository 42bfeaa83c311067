import { createHash } from 'node:crypto'

/** What an upload was begun with. What came of it may be continued only from the same source to the same place. */
export interface PartialSource {
  /** Stands for one user and one path. */
  readonly key: string
  /** Of the whole source, in bytes. */
  readonly size: number
  /** When the source was changed last, in milliseconds since 1970. */
  readonly mtime: number
}

const LABEL = /\.(([0-9a-f]{64})\.\d+\.-?\d+)\.(\d+)$/

export function keyOf(user: string, path: string): string {
  return createHash('sha256').update(`${user}\0${path}`).digest('hex')
}

/** The name of what is kept of a source. */
export function partialName({ key, size, mtime }: PartialSource): string {
  return `${key}.${size}.${mtime}`
}

/**
 * The end of the name of a staged file. It says how many bytes of the file are synced, so that whoever finds the file
 * after its daemon was killed knows what it is and how far it can be trusted.
 */
export function stagedLabel(source: PartialSource, synced: number): string {
  return `.${partialName(source)}.${synced}`
}

/** What the name of a staged file says; undefined if the file can't be continued. */
export function readLabel(name: string): { partial: string; key: string; synced: number } | undefined {
  const [, partial, key, synced] = LABEL.exec(name) ?? []
  if (partial === undefined || key === undefined) return undefined
  return { partial, key, synced: Number(synced) }
}

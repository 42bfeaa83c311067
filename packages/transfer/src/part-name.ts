import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { isGone, OWN_NAME, ownName } from './part-process.js'

/** What a download is of. Only from this version of this source it may be continued. */
export interface PartSource {
  /** The server, the user and the path, in any form that is the same each time. */
  readonly url: string
  /** Bytes of the whole file. */
  readonly size: number
  /** When it was changed last, in milliseconds since 1970. */
  readonly mtime: number
}

/** A part file as its name describes it. */
export interface PartName {
  /** `used` by a process that runs, `left` by one that is gone, or `kept` to be continued. */
  readonly state: 'used' | 'left' | 'kept'
  /** What it can be continued from, if that is known: short digests of the target's name and of the source's URL. */
  readonly origin:
    | { readonly target: string; readonly url: string; readonly size: number; readonly mtime: number }
    | undefined
}

const ORIGIN = '-([0-9a-f]{16})-([0-9a-f]{16})-(\\d+)-(-?\\d+)'
const NAME = new RegExp(`^\\.jftp-(?:kept|${OWN_NAME})(?:${ORIGIN})?\\.part$`)

/** The name of a file that this process begins to write for `target`. */
export function usedName(target: string, source: PartSource | undefined): string {
  return `.jftp-${ownName()}${originOf(target, source)}.part`
}

/** The name under which a file that was cut waits to be continued. */
export function keptName(target: string, source: PartSource): string {
  return `.jftp-kept${originOf(target, source)}.part`
}

/** Undefined if the name is not that of a part file. */
export function readPartName(name: string): PartName | undefined {
  const match = NAME.exec(name)
  if (match === null) return undefined
  const [, machine, pid = '', started = '', target, url = '', size = '', mtime = ''] = match
  const state = machine === undefined ? 'kept' : isGone(machine, Number(pid), started) ? 'left' : 'used'
  const origin = target === undefined ? undefined : { target, url, size: Number(size), mtime: Number(mtime) }
  return { state, origin }
}

export function targetKey(target: string): string {
  return shortDigest(basename(target))
}

export function urlKey(url: string): string {
  return shortDigest(url)
}

function originOf(target: string, source: PartSource | undefined): string {
  if (source === undefined) return ''
  return `-${targetKey(target)}-${urlKey(source.url)}-${source.size}-${source.mtime}`
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

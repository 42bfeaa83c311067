import { lstatSync, type Stats, statSync } from 'node:fs'
import type { OnExists } from '../call-options.js'
import { followLinks } from './link-target.js'

export interface LocalTarget {
  /** The path that the file gets. */
  readonly target: string
  /** What has that name; undefined if nothing has it, or if a link has it that is to be replaced. */
  readonly existing: Stats | undefined
}

/** Looks where a download to `local` goes, and what is there. Throws the file system's errors. */
export function lookAtTarget(
  local: string,
  localLink: 'follow' | 'replace',
  onExists: Exclude<OnExists, 'newer' | 'resume'>,
): LocalTarget {
  const own = lstatSync(local, { throwIfNoEntry: false })
  if (!own?.isSymbolicLink()) return { target: local, existing: own }
  if (localLink === 'follow') {
    return { target: followLinks(local), existing: statSync(local, { throwIfNoEntry: false }) }
  }
  // A file that replaces a link does not get the permission bits of the link.
  return { target: local, existing: onExists === 'overwrite' ? undefined : own }
}

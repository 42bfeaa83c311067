import { ProtocolError } from './protocol-error.js'

/** The versions of the protocol one end speaks, both included. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** What this package speaks. */
export const PROTOCOL_VERSIONS: VersionRange = { min: 1, max: 1 }

/** The highest version both ends speak; throws `unsupported` where there is none. */
export function negotiateVersion(ours: VersionRange, theirs: VersionRange): number {
  const version = Math.min(ours.max, theirs.max)
  if (version < ours.min || version < theirs.min) {
    throw new ProtocolError(
      'unsupported',
      `no common protocol version: we speak ${show(ours)}, the peer ${show(theirs)}; update the older side`,
    )
  }
  return version
}

function show({ min, max }: VersionRange): string {
  return min === max ? String(min) : `${min}–${max}`
}

import { ProtocolError } from './protocol-error.js'

/** The versions of the protocol that one side speaks; both ends of the range are included. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** The versions that this package speaks. */
export const PROTOCOL_VERSIONS: VersionRange = { min: 1, max: 1 }

/** The highest version that both sides speak. Throws `unsupported` if there is none. */
export function negotiateVersion(ours: VersionRange, theirs: VersionRange): number {
  const version = Math.min(ours.max, theirs.max)
  if (version < ours.min || version < theirs.min) {
    throw new ProtocolError(
      'unsupported',
      `no common protocol version: this side speaks ${show(ours)} and the peer ${show(theirs)}; update the older side`,
    )
  }
  return version
}

function show({ min, max }: VersionRange): string {
  return min === max ? String(min) : `${min}–${max}`
}

/** The descriptor behind a listening socket of Node, or -1. Node has no public way to ask for it. */
export function descriptorOf(socket: unknown): number {
  const handle = (socket as { _handle?: { fd?: number } | null } | undefined)?._handle
  return handle?.fd ?? -1
}

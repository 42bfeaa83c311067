/** The first descriptor that systemd passes (`SD_LISTEN_FDS_START`). */
const FIRST = 3

/**
 * Socket activation: the descriptors a service manager has opened for this process and passed to it, in the
 * order of its configuration; none if there are none. Serve one with `new TCPServer({ fd }, …)`.
 */
export function listenDescriptors(env: NodeJS.ProcessEnv = process.env): number[] {
  // The variables are inherited by children; LISTEN_PID says whom they are for.
  if (Number(env['LISTEN_PID']) !== process.pid) return []
  const count = Number(env['LISTEN_FDS'])
  if (!Number.isInteger(count) || count < 0) return []
  return Array.from({ length: count }, (_, index) => FIRST + index)
}

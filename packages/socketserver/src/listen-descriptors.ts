/** The first descriptor that systemd passes (`SD_LISTEN_FDS_START`). */
const FIRST = 3

/**
 * Socket activation: returns the descriptors that a service manager has opened for this process, in the order of
 * its configuration. Serve one with `new TCPServer({ fd }, …)`.
 */
export function listenDescriptors(env: NodeJS.ProcessEnv = process.env): number[] {
  // Child processes inherit these variables; LISTEN_PID names the process that they are meant for.
  if (Number(env['LISTEN_PID']) !== process.pid) return []
  const count = Number(env['LISTEN_FDS'])
  if (!Number.isInteger(count) || count < 0) return []
  return Array.from({ length: count }, (_, index) => FIRST + index)
}

/** Kills a program that was started in a process group of its own, with all that it has started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile, or it runs as another user.
  }
}

import { type ChildProcess, spawn } from 'node:child_process'

/** Nothing is ever written to its stdin, so reading from it fails when the writing end closes. */
const GUARD = 'trap "" HUP INT QUIT TERM; read -r line || kill -9 "-$1"'

/**
 * A shell that kills a process group if ftpd ends before it, even by `kill -9`, or if the thread ends that has started
 * the group. Neither of them can do so itself at that moment, but the system closes their pipes.
 */
export class ProgramGuard {
  readonly #shell: ChildProcess

  constructor(group: number) {
    // A group of its own, so that a signal for ftpd's whole group does not end it.
    this.#shell = spawn('/bin/sh', ['-c', GUARD, 'sh', String(group)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    // The program may run without it: its time is limited, too.
    this.#shell.on('error', () => {})
    this.#shell.stdin?.on('error', () => {})
  }

  /** To be called when the group has ended, because its number may belong to others later. */
  dismiss(): void {
    this.#shell.kill('SIGKILL')
  }
}

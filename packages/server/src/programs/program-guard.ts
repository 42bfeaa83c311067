import { type ChildProcess, spawn } from 'node:child_process'

/** The first line of its stdin names the group. After that nothing is written, so reading fails when the pipe closes. */
const GUARD = 'trap "" HUP INT QUIT TERM; read -r group && { read -r line || kill -9 "-$group"; }'

/**
 * A shell that kills a process group if ftpd ends before it, even by `kill -9`, or if the thread ends that has started
 * the group. Neither of them can do so itself at that moment, but the system closes their pipes. It is made before the
 * group, so that a program does not run unguarded for as long as it takes to start a shell.
 */
export class ProgramGuard {
  readonly #shell: ChildProcess

  constructor() {
    // A group of its own, so that a signal for ftpd's whole group does not end it.
    this.#shell = spawn('/bin/sh', ['-c', GUARD], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    // The program may run without it: its time is limited, too.
    this.#shell.on('error', () => {})
    this.#shell.stdin?.on('error', () => {})
  }

  watch(group: number): void {
    this.#shell.stdin?.write(`${group}\n`)
  }

  /** To be called when the group has ended, because its number may belong to others later. */
  dismiss(): void {
    this.#shell.kill('SIGKILL')
  }
}

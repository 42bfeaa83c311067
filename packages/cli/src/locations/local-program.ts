import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fromLocalError } from '@jftp/client'

export interface LocalProgramOptions {
  /** A command line for the user's shell; empty for the shell itself. */
  readonly command: string
  readonly folder: string
  /** `pipe` to write to it, `inherit` for the terminal, `ignore` for nothing at all. */
  readonly stdin: 'pipe' | 'inherit' | 'ignore'
  /** Where its stdout goes; to stdout by default. */
  readonly stdout?: 'inherit' | 'stderr'
}

/** A program of this machine, run by the user's shell. */
export class LocalProgram {
  readonly child: ChildProcess
  readonly #ended: Promise<number>
  #isStarting = true

  constructor({ command, folder, stdin, stdout = 'inherit' }: LocalProgramOptions) {
    const shell = process.env['SHELL'] || process.env['ComSpec'] || '/bin/sh'
    const options: SpawnOptions = {
      cwd: folder,
      stdio: [stdin, stdout === 'stderr' ? 2 : 'inherit', 'inherit'],
    }
    this.child = command === '' ? spawn(shell, options) : spawn(command, { ...options, shell })
    this.#ended = new Promise((resolve, reject) => {
      this.child.once('error', (error) => reject(fromLocalError(error, shell)))
      this.child.once('close', (code, signal) => resolve(code ?? exitCodeOfSignal(signal)))
    })
    // Whoever waits for the end learns of it.
    this.#ended.catch(() => {})
    void this.#noteStarted()
  }

  /**
   * Resolves with the exit code. On a terminal Ctrl-C reaches a program that runs, and it decides itself what to do. If
   * there is no terminal, or Ctrl-C may have come before the program was there, the program is ended.
   */
  async ended(signal: AbortSignal): Promise<number> {
    const onAbort = () => {
      if (this.#isStarting || !process.stdin.isTTY) this.child.kill('SIGTERM')
    }
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) this.child.kill('SIGTERM')
    try {
      return await this.#ended
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Node tells of a signal that came before the program was there when it next looks for events: before the second turn ends. */
  async #noteStarted(): Promise<void> {
    await nextTurn()
    await nextTurn()
    this.#isStarting = false
  }
}

/** As shells have it: 128 and the number of the signal. */
function exitCodeOfSignal(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal])
}

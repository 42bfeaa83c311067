import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fromLocalError } from '@jftp/client'

export interface LocalProgramOptions {
  /** A command line for the user's shell; empty for the shell itself. */
  readonly command: string
  readonly folder: string
  /** `pipe` to write to it, `inherit` for the terminal, `ignore` for nothing at all. */
  readonly stdin: 'pipe' | 'inherit' | 'ignore'
}

/** A program of this machine, run by the user's shell. */
export class LocalProgram {
  readonly child: ChildProcess
  readonly #ended: Promise<number>

  constructor({ command, folder, stdin }: LocalProgramOptions) {
    const shell = process.env['SHELL'] || process.env['ComSpec'] || '/bin/sh'
    const options: SpawnOptions = { cwd: folder, stdio: [stdin, 'inherit', 'inherit'] }
    this.child = command === '' ? spawn(shell, options) : spawn(command, { ...options, shell })
    this.#ended = new Promise((resolve, reject) => {
      this.child.once('error', (error) => reject(fromLocalError(error, shell)))
      this.child.once('close', (code, signal) => resolve(code ?? exitCodeOfSignal(signal)))
    })
    // Whoever waits for the end learns of it.
    this.#ended.catch(() => {})
  }

  /**
   * Resolves with the exit code. On a terminal Ctrl-C has reached the program itself, which decides what to do. Without
   * one, the signal that ends ftp's command is passed on.
   */
  async ended(signal: AbortSignal): Promise<number> {
    const onAbort = () => {
      if (!process.stdin.isTTY) this.child.kill('SIGTERM')
    }
    signal.addEventListener('abort', onAbort)
    // What comes before the program has started does not reach it.
    if (signal.aborted) this.child.kill('SIGTERM')
    try {
      return await this.#ended
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

/** As shells have it: 128 and the number of the signal. */
function exitCodeOfSignal(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal])
}

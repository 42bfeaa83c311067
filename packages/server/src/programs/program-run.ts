import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { type Executed, ProtocolError } from '@jftp/protocol'
import type { Pages } from '../commands/json-lines.js'
import { killGroup } from '../process-group.js'
import type { Pause } from '../storage/storage.js'
import type { Program, ProgramEnd } from './program.js'
import { ProgramGuard } from './program-guard.js'

/** Bytes that one line carries at most: their base64 has to fit into a line of JSON. */
const MAX_LINE_BYTES = 32 * 1024

/** Bytes that wait to be sent before the program has to wait. */
const MAX_WAITING = 256 * 1024

/** How often a program that prints nothing is looked after, in ms: its client may have left. */
const LOOK_EVERY = 200

export interface RunOptions extends Pick<SpawnOptions, 'env' | 'cwd'> {
  readonly pause: Pause
  /** Is told how it ended, unless it was ended from here. */
  readonly onEnd: (end: ProgramEnd) => void
}

/** One run of a program, with what it prints. */
export class ProgramRun implements Pages<Executed> {
  readonly pages: AsyncGenerator<Executed[]>
  readonly #program: Program
  readonly #child: ChildProcess
  readonly #options: RunOptions
  #waiting: Executed[] = []
  #waitingBytes = 0
  #printed = 0
  #end: ProgramEnd | undefined
  readonly #timer: NodeJS.Timeout
  readonly #guard: ProgramGuard
  #fault: ProtocolError | undefined
  #wake: () => void = () => {}

  private constructor(program: Program, child: ChildProcess, guard: ProgramGuard, options: RunOptions) {
    this.#program = program
    this.#child = child
    this.#guard = guard
    this.#options = options
    const { name, timeoutMs } = program
    // It counts from the start, because a client that does not read must not keep a program alive.
    this.#timer = setTimeout(() => {
      this.#fail('timeout', `${name} took longer than ${timeoutMs / 1000} s and was ended`)
    }, timeoutMs)
    child.on('error', () => this.#leaveAlone())
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.on('data', (bytes: Buffer) => this.#take(stream, bytes))
    }
    child.on('close', (exitCode, signal) => {
      this.#leaveAlone()
      this.#end = signal === null ? { type: 'exit', exitCode: exitCode ?? 0 } : { type: 'killed', signal }
      this.#wake()
    })
    this.pages = this.#read()
  }

  /** Throws `io-error` if the program can't be started, and `busy` if it may be possible later. */
  static async start(program: Program, args: readonly string[], options: RunOptions): Promise<ProgramRun> {
    const [file = '', ...first] = program.command
    const { env, cwd } = options
    const guard = new ProgramGuard()
    try {
      // A process group of its own, so that all that it has started can be ended with it.
      const child = spawn(file, [...first, ...args], {
        ...{ env, cwd, detached: true },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      if (child.pid !== undefined) guard.watch(child.pid)
      const run = new ProgramRun(program, child, guard, options)
      await new Promise<void>((resolve, reject) => child.on('spawn', resolve).on('error', reject))
      return run
    } catch (cause) {
      guard.dismiss()
      const { code = '' } = cause as NodeJS.ErrnoException
      const isTemporary = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'].includes(code)
      const why = isTemporary ? ', because the server has too many files open or processes; try again' : ''
      const message = `${program.name} could not be started${why}`
      throw new ProtocolError(isTemporary ? 'busy' : 'io-error', message, { cause })
    }
  }

  /** Ends the program if it still runs. */
  close(): void {
    clearTimeout(this.#timer)
    this.#kill()
  }

  /** The program has ended, and its process id may belong to another one later. */
  #leaveAlone(): void {
    clearTimeout(this.#timer)
    this.#guard.dismiss()
  }

  async *#read(): AsyncGenerator<Executed[]> {
    while (this.#end === undefined || this.#waiting.length > 0) {
      if (this.#fault !== undefined) throw this.#fault
      if (this.#waiting.length > 0) yield this.#takeWaiting()
      else await this.#change()
      await this.#options.pause()
    }
    if (this.#fault !== undefined) throw this.#fault
    this.#options.onEnd(this.#end)
    yield [this.#end]
  }

  /** Resolves when there is something new, and from time to time. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    const { name, maxOutput } = this.#program
    if (this.#fault !== undefined) return
    this.#printed += bytes.length
    if (this.#printed > maxOutput) {
      this.#fail('too-large', `${name} printed more than ${maxOutput} bytes and was ended`)
      return
    }
    for (let at = 0; at < bytes.length; at += MAX_LINE_BYTES) {
      const data = bytes.subarray(at, at + MAX_LINE_BYTES).toString('base64')
      this.#waiting.push({ type: 'output', stream, data })
    }
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes > MAX_WAITING) this.#eachStream((each) => each.pause())
    this.#wake()
  }

  #takeWaiting(): Executed[] {
    const taken = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    this.#eachStream((each) => each.resume())
    return taken
  }

  #eachStream(act: (stream: NonNullable<ChildProcess['stdout']>) => void): void {
    const { stdout, stderr } = this.#child
    if (stdout !== null) act(stdout)
    if (stderr !== null) act(stderr)
  }

  #fail(code: 'timeout' | 'too-large', message: string): void {
    this.#fault ??= new ProtocolError(code, message)
    this.#kill()
    this.#wake()
  }

  #kill(): void {
    if (this.#end !== undefined) return
    killGroup(this.#child.pid)
    // Whatever is left of it may hold them open.
    this.#eachStream((each) => each.destroy())
  }
}

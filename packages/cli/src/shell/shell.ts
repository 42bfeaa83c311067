import type { CommandEnvironment } from '../commands/command-environment.js'
import { jobLine } from '../commands/jobs.js'
import { describe } from '../output/failure.js'
import { formatCount } from '../text/quantity.js'
import { startJob } from './background.js'
import { complete } from './completion.js'
import { DiskCompletion } from './completion-sources.js'
import { History } from './history.js'
import { LineEditor } from './line-editor.js'
import { promptOf } from './prompt.js'
import { runChain } from './run-chain.js'
import { runStatement } from './run-statement.js'
import { type Chain, parseLine } from './statement.js'

const MIN_PROMPT = 24
/** Columns. */
const ROOM_FOR_LINE = 20

/** The shell of a person at a terminal. Resolves with the exit code when they leave. */
export async function runShell(environment: CommandEnvironment, env: NodeJS.ProcessEnv): Promise<number> {
  const history = new History(env)
  const shell = new Shell(environment, history, await history.load())
  return shell.run()
}

class Shell {
  readonly #environment: CommandEnvironment
  readonly #history: History
  readonly #completion: DiskCompletion
  readonly #editor: LineEditor
  /** Newest first. */
  readonly #lines: string[]
  /** Lines that came while a command ran, on a terminal that the kernel edits lines for. Others keep keys, not lines. */
  readonly #waiting: string[] = []
  readonly #left: Promise<void>
  #state: 'prompting' | 'running' | 'left' = 'prompting'
  #exitCode = 0
  /** Whether the last `exit` was refused because of running jobs. */
  #isWarned = false
  #running: Promise<void> = Promise.resolve()
  #interrupt: AbortController | undefined

  constructor(environment: CommandEnvironment, history: History, lines: string[]) {
    this.#environment = { ...environment, history: lines }
    this.#history = history
    this.#lines = lines
    this.#completion = new DiskCompletion(environment)
    const { promise, resolve } = deferred()
    this.#left = promise
    this.#editor = new LineEditor({
      history: this.#lines,
      complete: (line) => complete(line, this.#completion),
      onLine: (line) => this.#onLine(line),
      onInterrupt: () => this.#onInterrupt(),
      onHangUp: () => this.#terminate(129),
      mayClose: () => this.#mayClose(),
      onClose: () => {
        this.#leave()
        resolve()
      },
    })
    environment.terminal.lendBy((work) => this.#editor.aside(work))
  }

  async run(): Promise<number> {
    using _editor = this.#editor
    const onTerminate = () => this.#terminate(143)
    const onHangUp = () => this.#terminate(129)
    process.on('SIGTERM', onTerminate).on('SIGHUP', onHangUp)
    this.#prompt()
    await this.#left
    // A cancelled command may still have to clean up.
    await this.#running
    await this.#environment.jobs?.stop()
    process.off('SIGTERM', onTerminate).off('SIGHUP', onHangUp)
    return this.#exitCode
  }

  #prompt(): void {
    this.#state = 'prompting'
    this.#tellEndedJobs()
    this.#editor.prompt(this.#promptText)
  }

  /** A deep folder leaves some room for the line. */
  get #promptText(): string {
    const columns = process.stdout.columns || 80
    return promptOf(this.#environment.remote, Math.max(MIN_PROMPT, columns - ROOM_FOR_LINE))
  }

  /** Ctrl-C, or SIGINT: stops the command that runs and those that wait, and drops the line being typed. */
  #onInterrupt(): void {
    const isPrompting = this.#state === 'prompting'
    this.#editor.dropLine()
    this.#waiting.length = 0
    this.#interrupt?.abort()
    if (isPrompting) this.#prompt()
  }

  #onLine(line: string): void {
    this.#waiting.push(line)
    if (this.#state === 'prompting') this.#running = this.#runWaiting()
  }

  async #runWaiting(): Promise<void> {
    this.#state = 'running'
    this.#editor.hold()
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      await this.#runLine(line)
      this.#completion.forget()
      if (this.#hasLeft()) return
      const [next] = this.#waiting
      if (next !== undefined) {
        this.#environment.streams.stdout.writeNow(`${this.#promptText}${next}\n`)
      }
    }
    this.#prompt()
  }

  async #runLine(line: string): Promise<void> {
    // From here on Ctrl-C is about this line.
    const interrupt = new AbortController()
    this.#interrupt = interrupt
    if (line.trim() !== '') this.#lines.unshift(line)
    await this.#history.add(line)
    let chains: readonly Chain[]
    try {
      chains = parseLine(line)
    } catch (error) {
      this.#environment.streams.stderr.writeNow(`${describe(error)}\n`)
      return
    }
    await this.#runChains(chains, interrupt.signal)
    this.#interrupt = undefined
  }

  async #runChains(chains: readonly Chain[], signal: AbortSignal): Promise<void> {
    for (const chain of chains) {
      if (chain.isBackground) {
        this.#print(jobLine(startJob(this.#environment, chain)))
        continue
      }
      const { exitCode, leaves } = await runChain(chain.statements, (statement) =>
        runStatement(this.#environment, statement, signal),
      )
      if (signal.aborted) return
      if (!leaves) this.#isWarned = false
      if (leaves && this.#mayLeave()) {
        this.#exitCode = exitCode
        this.#editor.close()
        return
      }
    }
  }

  /** Whether Ctrl-D may end the shell. */
  #mayClose(): boolean {
    if (this.#mayLeave()) return true
    this.#prompt()
    return false
  }

  /** With running jobs the first `exit` or Ctrl-D only says so. */
  #mayLeave(): boolean {
    const running = this.#environment.jobs?.running.length ?? 0
    if (running === 0 || this.#isWarned) return true
    this.#isWarned = true
    const jobs = formatCount(running, 'job')
    // After Ctrl-D the cursor is still behind the prompt.
    if (this.#state === 'prompting') this.#print('')
    this.#print(`${jobs} would be stopped; 'wait' waits for them, and a second 'exit' leaves`)
    return false
  }

  /** What jobs have printed is shown when they have ended. */
  #tellEndedJobs(): void {
    const { jobs } = this.#environment
    for (const job of [...(jobs?.all ?? [])]) {
      if (job.exitCode === undefined) continue
      jobs?.remove(job)
      this.#print([jobLine(job), job.output.take().trimEnd()].filter((text) => text !== '').join('\n'))
    }
  }

  #print(text: string): void {
    this.#environment.streams.stderr.writeNow(`${text}\n`)
  }

  #hasLeft(): boolean {
    return this.#state === 'left'
  }

  #leave(): void {
    // After Ctrl-D the cursor is still behind the prompt.
    if (this.#state === 'prompting') this.#environment.streams.stdout.writeNow('\n')
    this.#state = 'left'
  }

  #terminate(exitCode: number): void {
    this.#exitCode = exitCode
    this.#interrupt?.abort()
    this.#editor.close()
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

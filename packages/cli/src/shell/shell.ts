import type { CommandEnvironment } from '../commands/command-environment.js'
import { runCommand } from '../commands/run-command.js'
import { describe } from '../output/failure.js'
import { runChain } from './batch.js'
import { complete } from './completion.js'
import { DiskCompletion } from './completion-sources.js'
import { History } from './history.js'
import { LineEditor } from './line-editor.js'
import { promptOf } from './prompt.js'
import { type Chain, parseLine } from './statement.js'

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
  /** Lines that came while a command ran: typed ahead or pasted. */
  readonly #waiting: string[] = []
  readonly #left: Promise<void>
  #state: 'prompting' | 'running' | 'left' = 'prompting'
  #exitCode = 0
  #running: Promise<void> = Promise.resolve()
  #interrupt: AbortController | undefined

  constructor(environment: CommandEnvironment, history: History, lines: string[]) {
    this.#environment = environment
    this.#history = history
    this.#lines = lines
    this.#completion = new DiskCompletion(environment.local, environment.remote)
    const { promise, resolve } = deferred()
    this.#left = promise
    this.#editor = new LineEditor({
      history: this.#lines,
      complete: (line) => complete(line, this.#completion),
      onLine: (line) => this.#onLine(line),
      onInterrupt: () => this.#onInterrupt(),
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
    process.off('SIGTERM', onTerminate).off('SIGHUP', onHangUp)
    return this.#exitCode
  }

  #prompt(): void {
    this.#state = 'prompting'
    this.#editor.prompt(promptOf(this.#environment.remote))
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
        this.#environment.streams.stdout.writeNow(`${promptOf(this.#environment.remote)}${next}\n`)
      }
    }
    this.#prompt()
  }

  async #runLine(line: string): Promise<void> {
    if (line.trim() !== '') this.#lines.unshift(line)
    await this.#history.add(line)
    let chains: readonly Chain[]
    try {
      chains = parseLine(line)
    } catch (error) {
      this.#environment.streams.stderr.writeNow(`${describe(error)}\n`)
      return
    }
    this.#interrupt = new AbortController()
    await this.#runChains(chains, this.#interrupt.signal)
    this.#interrupt = undefined
  }

  async #runChains(chains: readonly Chain[], signal: AbortSignal): Promise<void> {
    for (const chain of chains) {
      const { exitCode, leaves } = await runChain(chain, ({ words: [first, ...words] }) =>
        runCommand(this.#environment, first?.text ?? '', words, signal),
      )
      if (signal.aborted) return
      if (leaves) {
        this.#exitCode = exitCode
        this.#editor.close()
        return
      }
    }
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

import { createInterface, type Interface, type Key } from 'node:readline'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { runCommand } from '../commands/run-command.js'
import { describe } from '../output/output.js'
import { runChain } from './batch.js'
import { complete } from './completion.js'
import { DiskCompletion } from './completion-sources.js'
import { History } from './history.js'
import { HistorySearch } from './history-search.js'
import { promptOf } from './prompt.js'
import { PromptOutput } from './prompt-output.js'
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
  readonly #output = new PromptOutput(process.stdout)
  readonly #readline: Interface
  readonly #search: HistorySearch
  /** Newest first, as readline keeps them too. */
  readonly #lines: string[]
  /** Lines that came while a command ran: typed ahead or pasted. */
  readonly #waiting: string[] = []
  #state: 'prompting' | 'running' | 'left' = 'prompting'
  #exitCode = 0
  #running: Promise<void> = Promise.resolve()
  #interrupt: AbortController | undefined

  constructor(environment: CommandEnvironment, history: History, lines: string[]) {
    this.#environment = environment
    this.#history = history
    this.#lines = lines
    this.#completion = new DiskCompletion(environment.local, environment.remote)
    this.#readline = createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: true,
      history: [...lines],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void complete(line, this.#completion).then((result) => done(null, result))
      },
    })
    this.#search = new HistorySearch(this.#readline, this.#lines)
  }

  async run(): Promise<number> {
    const onKey = (_text: string, key: Key) => this.#search.onKey(key)
    const onTerminate = () => this.#terminate(143)
    const onHangUp = () => this.#terminate(129)
    process.stdin.on('keypress', onKey)
    process.on('SIGTERM', onTerminate).on('SIGHUP', onHangUp)
    this.#readline.on('line', (line) => this.#onLine(line))
    this.#readline.on('SIGINT', () => this.#onCtrlC())
    const left = new Promise<void>((resolve) => {
      this.#readline.once('close', () => resolve(this.#leave()))
    })
    this.#prompt()
    await left
    // A command that was cut short has something to clean up.
    await this.#running
    process.stdin.off('keypress', onKey)
    this.#output.destroy()
    process.off('SIGTERM', onTerminate).off('SIGHUP', onHangUp)
    return this.#exitCode
  }

  #prompt(): void {
    this.#state = 'prompting'
    this.#output.release()
    this.#readline.setPrompt(promptOf(this.#environment.remote))
    // Keeps what was typed ahead.
    this.#readline.prompt(true)
  }

  /** Stops what runs and what waits to run; drops the line that is being typed. */
  #onCtrlC(): void {
    const isPrompting = this.#state === 'prompting'
    if (isPrompting) this.#environment.streams.stdout.writeNow('^C\n')
    this.#readline.write(null, { ctrl: true, name: 'e' })
    this.#readline.write(null, { ctrl: true, name: 'u' })
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
    this.#output.hold()
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      await this.#runLine(line)
      this.#completion.forget()
      if (this.#hasLeft()) return
      const [next] = this.#waiting
      if (next !== undefined)
        this.#environment.streams.stdout.writeNow(`${promptOf(this.#environment.remote)}${next}\n`)
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
    await this.#withInterrupt(async (signal) => {
      for (const chain of chains) {
        const { exitCode, leaves } = await runChain(chain, ({ words: [first, ...words] }) =>
          runCommand(this.#environment, first?.text ?? '', words, signal),
        )
        if (signal.aborted) return
        if (leaves) {
          this.#exitCode = exitCode
          this.#readline.close()
          return
        }
      }
    })
  }

  /** Ctrl-C is a key here, for the terminal stays as readline set it; a signal may come from elsewhere. */
  async #withInterrupt(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController()
    const onInterrupt = () => controller.abort()
    this.#interrupt = controller
    process.on('SIGINT', onInterrupt)
    try {
      await run(controller.signal)
    } finally {
      process.off('SIGINT', onInterrupt)
      this.#interrupt = undefined
    }
  }

  #hasLeft(): boolean {
    return this.#state === 'left'
  }

  /** Once, by `exit`, by Ctrl-D, by a signal, or because the terminal went away. */
  #leave(): void {
    // Ctrl-D leaves its own line unfinished.
    if (this.#state === 'prompting') this.#environment.streams.stdout.writeNow('\n')
    this.#state = 'left'
  }

  #terminate(exitCode: number): void {
    this.#exitCode = exitCode
    this.#interrupt?.abort()
    this.#readline.close()
  }
}

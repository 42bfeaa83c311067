import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { cleanEnvironment } from './ftp-process.js'
import { tempFolder } from './temp-folder.js'
import { Terminal } from './terminal.js'

const BIN = fileURLToPath(new URL('../bin', import.meta.url))

/** A command of a document, and what the document says that it prints. */
interface Step {
  readonly command: string
  output: string[]
  /** What is typed at the prompts of the shell that the command opens. */
  readonly typed: { readonly prompt: string; readonly line: string; readonly output: string[] }[]
}

/** The blocks of a kind in Markdown text. */
export function blocksOf(markdown: string, kind: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block = '']) => block,
  )
}

const OPENS_SHELL = /^(?:ftp|node bin\/ftp\.js) jftps?:\S+$/

/** `$ command` begins a step, `host:/folder> command` is typed into the shell of jftp, `> more` goes on with a line. */
function stepsOf(block: string): Step[] {
  const steps: Step[] = []
  for (const line of block.split('\n')) {
    const [, command] = /^\$ (.*)$/.exec(line) ?? []
    const [, more] = /^> (.*)$/.exec(line) ?? []
    const [, prompt, typed] = /^([\w.@:-]+:\/\S*> )(.*)$/.exec(line) ?? []
    const step = steps.at(-1)
    if (command !== undefined) steps.push({ command, output: [], typed: [] })
    else if (step === undefined) throw new Error(`the block begins without a command: ${line}`)
    else if (more !== undefined) steps[steps.length - 1] = { ...step, command: `${step.command}\n${more}` }
    else if (prompt !== undefined && typed !== undefined && OPENS_SHELL.test(step.command)) {
      step.typed.push({ prompt, line: typed, output: [] })
    } else (step.typed.at(-1) ?? step).output.push(line)
  }
  return steps
}

/** Each is different in each run, and says so by what is around it. */
const VARIABLE: [pattern: RegExp, stands: string][] = [
  [/\x1b\[[0-9;?]*[A-Za-z]/g, ''],
  [/\[\d\d:\d\d:\d\d\]/g, '[TIME]'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE'],
  [/[\d.]+ [KMG]?i?B\/s/g, 'RATE'],
  [/ in [\d.]+ m?s\b/g, ' in TIME'],
  [/\b[0-9a-f]{32,}\b/g, 'DIGEST'],
  [/"ms":\d+/g, '"ms":0'],
  [/\d+ worker threads/g, 'worker threads'],
  [/ · at most \d+ connections: a higher ulimit -n would allow more/g, ''],
]

/**
 * Carries out what a document shows, in a home folder of its own. `$` lines run in one bash for the whole document; the
 * default port is replaced by one that is free.
 */
export class ConsoleSession implements AsyncDisposable {
  readonly #folder = tempFolder()
  readonly #shell: ChildProcess
  readonly #port: number
  readonly #env: NodeJS.ProcessEnv
  #output = ''
  #wake: () => void = () => {}
  #count = 0

  private constructor(port: number) {
    this.#port = port
    const home = this.#home
    mkdirSync(home)
    const programs = join(this.#folder.path, 'programs')
    mkdirSync(programs)
    for (const name of ['ftp', 'ftpd']) {
      writeFileSync(join(programs, name), `#!/bin/sh\nexec '${process.execPath}' '${BIN}/${name}.js' "$@"\n`)
      chmodSync(join(programs, name), 0o755)
    }
    symlinkSync(BIN, join(home, 'bin'))
    this.#env = cleanEnvironment({
      ...{ HOME: home, FTPD_PORT: String(port), NO_COLOR: '1', FTPD_LOG_FORMAT: 'pretty' },
      PATH: `${programs}:${process.env['PATH'] ?? ''}`,
      ...Object.fromEntries(
        ['CONFIG', 'STATE', 'RUNTIME'].map((name) => [
          name === 'RUNTIME' ? 'XDG_RUNTIME_DIR' : `XDG_${name}_HOME`,
          join(home, `.${name.toLowerCase()}`),
        ]),
      ),
    })
    // A session of its own, so that it can be ended with all that it has started.
    this.#shell = spawn('bash', ['--norc', '--noprofile'], { cwd: home, env: this.#env, detached: true })
    this.#shell.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString()
      this.#wake()
    })
    // One pipe keeps the order of what is written to both.
    this.#shell.stdin?.write('exec 2>&1\n')
    this.#shell.on('exit', () => this.#wake())
  }

  static async begin(): Promise<ConsoleSession> {
    return new ConsoleSession(await freePort())
  }

  get #home(): string {
    return join(this.#folder.path, 'home')
  }

  /** Carries out a block, and compares all that is printed with what the block says. */
  async run(block: string): Promise<void> {
    for (const step of stepsOf(block)) {
      if (step.typed.length > 0) await this.#type(step)
      else if (step.command.endsWith('&')) await this.#begin(step)
      else {
        const printed = await this.#execute(step.command)
        expect(this.#shown(printed), step.command).toBe(this.#shown(step.output.join('\n')))
      }
    }
  }

  async #execute(command: string): Promise<string> {
    const end = `end-of-step-${this.#count++}`
    this.#output = ''
    // The next command may ask for the exit code of this one.
    const tellEnd = `status=$?; printf '%s\\n' ${end}; (exit $status)`
    this.#shell.stdin?.write(`${this.#local(command)}\n${tellEnd}\n`)
    await this.#sees(`${end}\n`, command)
    return this.#output.slice(0, this.#output.indexOf(`${end}\n`))
  }

  /** A command in the background is a daemon with its log in a file; whoever types is slower than it is ready. */
  async #begin({ command }: Step): Promise<void> {
    await this.#execute(command)
    const [, log = ''] = / > (\S+) &$/.exec(command) ?? []
    const path = join(this.#home, log)
    while (!(existsSync(path) && readFileSync(path, 'utf8').includes('listening on'))) await sleep(50)
  }

  async #type({ command, typed }: Step): Promise<void> {
    const [, ...args] = this.#local(command).split(' ')
    await using terminal = new Terminal(
      args.filter((arg) => arg !== 'bin/ftp.js'),
      { cwd: this.#home, env: this.#env },
    )
    for (const { prompt, line, output } of typed) {
      await terminal.sees(this.#local(`${prompt.replace(/^127\.0\.0\.1:/, `127.0.0.1:${this.#port}:`)}`))
      terminal.type(`${line}\r`)
      for (const each of output.filter((text) => text.trim() !== '')) await terminal.sees(this.#pattern(each))
    }
    expect(await terminal.ended(), command).toBe(0)
  }

  #local(text: string): string {
    return text.replace(/(jftps?:\/\/(?:\w+@)?127\.0\.0\.1)(?=[/ ]|$)/g, `$1:${this.#port}`)
  }

  /** Text in a form that is the same in every run. */
  #shown(text: string): string {
    let shown = text
      .replaceAll(this.#home, '/home/ann')
      .replaceAll(`:${this.#port}`, '')
      .replaceAll(':9021', '')
    for (const [pattern, stands] of VARIABLE) shown = shown.replace(pattern, stands)
    return shown.trim()
  }

  #pattern(line: string): RegExp {
    const escaped = this.#shown(line).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    const any = {
      DATE: '[\\d-]+ [\\d:]+',
      RATE: '[\\d.]+ \\w+\\/s',
      'in TIME': 'in [\\d.]+ \\w+',
      DIGEST: '[0-9a-f]{32,}',
    }
    return new RegExp(
      Object.entries(any).reduce((text, [stands, what]) => text.replaceAll(stands, what), escaped),
    )
  }

  async #sees(text: string, what: string): Promise<void> {
    while (!this.#output.includes(text)) await this.#more(what)
  }

  async #more(what: string): Promise<void> {
    if (this.#shell.exitCode !== null) throw new Error(`bash has ended in '${what}': ${this.#output}`)
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`'${what}' printed only: ${this.#output}`)), 90_000)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#shell
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
    this.#folder[Symbol.dispose]()
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

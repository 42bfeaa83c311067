import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Takes turns at `name` between a folder and a link, as fast as it can; says how often when its stdin ends. */
const PROGRAM = `
const { renameSync } = require('node:fs')
const [name, folder, link] = process.argv.slice(1)
let swaps = 0
let go = true
process.stdin.on('end', () => { go = false }).resume()
console.log('ready')
function turn() {
  for (let n = 0; n < 50; n++) {
    renameSync(name, folder)
    renameSync(link, name)
    renameSync(name, link)
    renameSync(folder, name)
    swaps++
  }
  if (go) setImmediate(turn)
  else console.log(swaps)
}
turn()
`

/** A process that swaps the folder at `name` for the link at `link` and back, until it is stopped. */
export class FolderSwapper implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(child: ChildProcess) {
    this.#child = child
    if (child.stdout === null) throw new Error('no stdout')
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** `aside`: where the folder is while the link is in its place. */
  static async start(name: string, aside: string, link: string): Promise<FolderSwapper> {
    const child = spawn(process.execPath, ['--eval', PROGRAM, name, aside, link], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const swapper = new FolderSwapper(child)
    await swapper.#lines.next()
    return swapper
  }

  /** Ends it, the folder in its place; resolves to how often it swapped. */
  async stop(): Promise<number> {
    this.#child.stdin?.end()
    const { value } = await this.#lines.next()
    return Number(value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

import { Writable } from 'node:stream'
import { LocalProgram } from '../locations/local-program.js'
import { throwFailures } from '../output/exit-code.js'
import { cat } from './cat.js'
import { defineCommand } from './command.js'
import { printablePieces } from './printable-pieces.js'

/** Not every system has `less`. */
const PAGER = 'if command -v less >/dev/null; then exec less -F; else exec more; fi'

export const more = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {},
  notes: [
    'Shows files page by page with $PAGER, by default less. Control characters are shown as escapes. If stdout is no',
    'terminal, it does what cat does.',
  ],
  async run(context, files, flags) {
    const { output, remote, local, settings, signal, terminal } = context
    if (!output.answersToTerminal || !process.stdin.isTTY) return cat.run(context, files, flags)
    const failures: unknown[] = []
    output.endWait()
    await terminal.take(async () => {
      const pager = new LocalProgram({
        command: process.env['PAGER'] || PAGER,
        folder: local.path,
        stdin: 'pipe',
      })
      const input = new ProgramInput(pager)
      for (const file of files) {
        try {
          const { client, path } = await remote.resolve(file, signal)
          await client.get(path, input.sink(), { signal, digest: settings.digest })
        } catch (error) {
          if (input.isGone) break
          failures.push(error)
        }
      }
      input.end()
      await pager.ended(signal)
    })
    throwFailures(failures)
  },
})

/** What a program reads, which is made of several files. */
class ProgramInput {
  readonly #stream: Writable | null
  #isGone = false

  constructor({ child }: LocalProgram) {
    this.#stream = child.stdin
    this.#stream?.on('error', () => {
      this.#isGone = true
    })
  }

  /** Whether the program has stopped reading. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** A sink for one file, which the library ends. Pagers do not all escape what a terminal would obey. */
  sink(): Writable {
    const shown = printablePieces()
    const sink = new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#stream?.write(shown(chunk), (error) => done(error))
      },
    })
    return sink.on('error', () => {})
  }

  end(): void {
    this.#stream?.end()
  }
}

import { type Executed, ProtocolError } from '@jftp/protocol'
import type { Pages } from '../commands/json-lines.js'
import type { Pause } from '../storage/storage.js'
import type { Program, ProgramEnd } from './program.js'
import { ProgramRun } from './program-run.js'

/** Who runs a program and from where. */
export interface Runner {
  readonly user: string
  /** Without the port; `unix` for a Unix socket. */
  readonly address: string
  /** Whether the login allows less than the user may do, as that of a token with permissions of its own. */
  readonly isLimited: boolean
}

/** The programs of the operator, which may change while visitors are there. */
export interface ProgramTable {
  readonly current: { readonly programs: readonly Program[] }
}

/** The programs of the operator that one visitor may run. */
export class Programs {
  readonly #table: ProgramTable
  readonly #runner: Runner
  /** The folder they run in. */
  readonly #folder: string

  constructor(table: ProgramTable, runner: Runner, folder: string) {
    this.#table = table
    this.#runner = runner
    this.#folder = folder
  }

  /**
   * Starts a program. Resolves to what it prints, while it prints it; `onEnd` is told how it ended by itself. Throws
   * `permission-denied` if there is none that this visitor may run under that name.
   */
  async run(
    name: string,
    args: readonly string[],
    pause: Pause,
    onEnd: (end: ProgramEnd) => void,
  ): Promise<Pages<Executed>> {
    const { user, address, isLimited } = this.#runner
    const program = this.#table.current.programs.find(
      (each) => each.name === name && each.users.includes(user),
    )
    // Whether there is such a program is no business of those who may not run it.
    if (program === undefined || isLimited) throw refusal(user, name, isLimited)
    if (args.length > 0 && !program.takesArguments) {
      throw new ProtocolError('bad-request', `${name} takes no arguments on this server; leave them out`)
    }
    if (args.some((arg) => arg.includes('\0'))) {
      throw new ProtocolError('bad-request', 'an argument of a program must have no NUL in it')
    }
    const env = { ...process.env, FTPD_EXEC_NAME: name, FTPD_EXEC_USER: user, FTPD_EXEC_ADDRESS: address }
    return await ProgramRun.start(program, args, { env, cwd: this.#folder, pause, onEnd })
  }
}

function refusal(user: string, name: string, isLimited: boolean): ProtocolError {
  const program = JSON.stringify(name)
  const message = isLimited
    ? `a token with permissions of its own runs no programs; log in as ${user} to run ${program}`
    : `there is no program ${program} that ${user} may run here; the operator names them in the table exec`
  return new ProtocolError('permission-denied', message)
}

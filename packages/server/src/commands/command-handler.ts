import type { AckOf, COMMANDS, CommandName, ProtocolError, RequestOf } from '@jftp/protocol'
import type { ProgramEnd } from '../programs/program.js'
import type { Programs } from '../programs/programs.js'
import type { Awaitable, ByteReader, Pause, Storage, Upload } from '../storage/storage.js'
import type { Visitor } from '../visitors/visitor.js'

/** All a command sees of the session it runs in. */
export interface CommandContext {
  /** The visitor's own storage: it knows what they may do. Throws `login-required` before the login. */
  readonly storage: Storage
  /** The programs that the visitor may run. Throws `login-required` before the login. */
  readonly programs: Programs
  readonly cwd: string
  /** A path as the client wrote it, made absolute and normal. Throws `bad-request`. */
  resolve(path: string): string
  changeFolder(path: string): void
  /** To be awaited by work that takes long, again and again. */
  readonly pause: Pause
  /** To be called if a line of the answer tells an error: the log gets its cause if the client is not told that. */
  noteFailure(error: ProtocolError): void
  /** To be called when a program has ended by itself: it is logged. */
  noteProgram(name: string, end: ProgramEnd): void
  /** Throws `login-failed`. */
  login(request: RequestOf<'login'>): Promise<Visitor>
}

/** An answer with bytes behind it. */
export interface Outgoing<Facts> {
  readonly facts: Facts
  readonly source: ByteReader
}

/** What each shape's handler gives back; the session does the talking. */
interface Results<C extends CommandName> {
  simple: AckOf<C>
  outgoing: Outgoing<AckOf<C>>
  incoming: { readonly path: string; readonly upload: Upload | 'skipped' }
}

type ShapeOf<C extends CommandName> = (typeof COMMANDS)[C]['shape']

/** One row of the table of commands. */
export interface CommandHandler<C extends CommandName> {
  readonly name: C
  /** Whether only somebody who has logged in may run it. What they may do is decided by their storage. */
  readonly needsLogin: boolean
  /** Whether all its requests are logged, done or refused: it modifies files or metadata. A put is logged as a transfer. */
  readonly isAlwaysLogged: boolean
  /** Throws ProtocolError. */
  run(args: RequestOf<C>, context: CommandContext): Awaitable<Results<C>[ShapeOf<C>]>
}

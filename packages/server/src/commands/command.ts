import type { AckOf, COMMANDS, CommandName, RequestOf } from '@jftp/protocol'
import type { ByteSource } from '@jftp/transfer'
import type { Awaitable, Storage, Upload } from '../storage/storage.js'

/** What a visitor may be allowed to do. */
export type Permission = 'read' | 'write' | 'delete' | 'list'

export const PERMISSIONS: readonly Permission[] = ['read', 'write', 'delete', 'list']

/** Who is on the other end, and where in the tree. */
export interface Visitor {
  readonly user: string
  readonly home: string
  readonly permissions: readonly Permission[]
}

/** All a command sees of the session it runs in. */
export interface CommandContext {
  readonly storage: Storage
  /** Undefined before the login. */
  readonly visitor: Visitor | undefined
  readonly cwd: string
  /** A path as the client wrote it, made absolute and normal. Throws `bad-request`. */
  resolve(path: string): string
  changeFolder(path: string): void
  /** Throws `login-failed`. */
  login(user: string): Visitor
}

/** Where the bytes of an answer come from. */
export type PieceSource = Pick<ByteSource, 'read' | 'recycle' | 'finish'>

/** An answer with bytes behind it. */
export interface Outgoing<Facts> {
  readonly facts: Facts
  readonly source: PieceSource
  close(): Awaitable<void>
}

/** What each shape's handler gives back; the session does the talking. */
interface Results<C extends CommandName> {
  simple: AckOf<C>
  outgoing: Outgoing<AckOf<C>>
  incoming: { readonly path: string; readonly upload: Upload | 'skipped' }
}

type ShapeOf<C extends CommandName> = (typeof COMMANDS)[C]['shape']

/** One row of the table: who may run it, what it does, and what it is. */
export interface Command<C extends CommandName> {
  readonly name: C
  /** `open`: before the login too; `any`: every visitor who logged in. */
  readonly permission: Permission | 'any' | 'open'
  /** Whether it makes, renames or removes names: each such request, done or refused, is logged. */
  readonly changesNames: boolean
  /** One line for people. */
  readonly help: string
  /** Throws ProtocolError. */
  run(args: RequestOf<C>, context: CommandContext): Awaitable<Results<C>[ShapeOf<C>]>
}

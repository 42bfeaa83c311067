import type { Visitor } from '../visitors/visitor.js'

/** Who has logged in, and where in their tree they are. Commands change it, and the log names it. */
export class SessionState {
  /** Undefined before the login. */
  visitor: Visitor | undefined
  /** The folder that relative paths start from. */
  cwd = '/'

  enter(visitor: Visitor): void {
    this.visitor = visitor
    this.cwd = visitor.home
  }

  /** Empty before the login. */
  get user(): string {
    return this.visitor?.user ?? ''
  }
}

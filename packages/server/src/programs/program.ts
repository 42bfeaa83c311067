/** A program that the operator lets users run: an entry of the table `exec`. It can be sent between threads. */
export interface Program {
  readonly name: string
  /** The program and its first arguments. It runs without a shell. */
  readonly command: readonly string[]
  /** Who may run it. */
  readonly users: readonly string[]
  /** Whether those who run it may add arguments. */
  readonly takesArguments: boolean
  /** How long one run may take, in milliseconds. */
  readonly timeoutMs: number
  /** How many bytes it may print, to both streams together. */
  readonly maxOutput: number
}

/** How a run ended. */
export type ProgramEnd =
  | { readonly type: 'exit'; readonly exitCode: number }
  | { readonly type: 'killed'; readonly signal: string }

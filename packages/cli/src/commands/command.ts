import type { Context } from './context.js'

/** What an argument or a flag's value names. It decides how Tab completes it and on which side globs are looked for. */
export type ArgumentKind = 'local' | 'local-folder' | 'remote' | 'remote-folder' | 'command' | 'url'

export interface Argument {
  readonly name: string
  /** `some` takes one or more, `any` none or more; both only for the last argument. */
  readonly takes: 'one' | 'maybe' | 'some' | 'any'
  /** What it may name, by position from this argument on; the last holds for all that follow. */
  readonly kinds: readonly (readonly ArgumentKind[])[]
}

export interface Flag {
  /** `-l, --long`; the long one, in camel case, is the flag's key. */
  readonly spelling: string
  /** The name of its value; without one the flag is on or off. */
  readonly value?: string
  /** What its value names. */
  readonly kind?: ArgumentKind
  /** All values that it can have. */
  readonly choices?: readonly string[]
  /** It may be given more than once, and its values are collected. */
  readonly repeats?: true
  readonly help: string
}

export type Flags = Readonly<Record<string, Flag>>

/** What the flags of one use were: text for those with a value, true for the others. */
export type FlagValues<F extends Flags = Flags> = string extends keyof F
  ? Readonly<Record<string, string | readonly string[] | true | undefined>>
  : { readonly [K in keyof F]?: ValueOf<F[K]> | undefined }

type ValueOf<F> = F extends { readonly repeats: true }
  ? readonly string[]
  : F extends { readonly value: string }
    ? string
    : true

/** One command, the same in the shell, in a batch and as `ftp COMMAND …`. */
export interface Command {
  readonly arguments: readonly Argument[]
  /** How the arguments are shown where that says more than their names. */
  readonly usage?: string
  readonly flags: Flags
  /** Lines of help after the flags. */
  readonly notes?: readonly string[]
  /** Resolves when done; every failure is thrown, as an FtpError where it has an exit code. */
  run(context: Context, args: readonly string[], flags: FlagValues): Promise<void>
}

/** Types the flags that `run` gets by the flags declared. */
export function defineCommand<const F extends Flags>(
  command: Omit<Command, 'flags' | 'run'> & {
    readonly flags: F
    run(context: Context, args: readonly string[], flags: FlagValues<F>): Promise<void>
  },
): Command {
  return command as Command
}

import type { Context } from './context.js'

/** What an argument or a flag's value names. It decides how Tab completes it and on which side globs are looked for. */
export type ArgumentKind =
  | 'local'
  | 'local-folder'
  | 'remote'
  | 'remote-folder'
  | 'command'
  | 'url'
  | 'bookmark'
  | 'alias'
  | 'setting'

export interface Argument {
  readonly name: string
  /** `some` takes one or more, `any` takes none or more. Both are only for the last argument. */
  readonly takes: 'one' | 'maybe' | 'some' | 'any'
  /** It names what does not exist yet, so a pattern in it is not expanded. */
  readonly isNew?: true
  /** What it may name: one list for each position from this argument on. The last list is for all that follow. */
  readonly kinds: readonly (readonly ArgumentKind[])[]
}

export interface Flag {
  /** `-l, --long`. The flag's key is the long spelling in camel case. */
  readonly spelling: string
  /** The name of its value. Without one the flag is on or off. */
  readonly value?: string
  /** What its value names. */
  readonly kind?: ArgumentKind
  /** All values that it can have. */
  readonly choices?: readonly string[]
  /**
   * It may be given more than once, and its values are collected. `in-order` tells each one's position among the values
   * of all such flags, for flags whose order matters.
   */
  readonly repeats?: true | 'in-order'
  /** It is only there to say why it can't be used, so help and completion leave it out. */
  readonly isHidden?: true
  readonly help: string
}

export type Flags = Readonly<Record<string, Flag>>

/** The flags that were given: a text for those with a value, true for the others. */
export type FlagValues<F extends Flags = Flags> = string extends keyof F
  ? Readonly<Record<string, FlagValue | undefined>>
  : { readonly [K in keyof F]?: ValueOf<F[K]> | undefined }

/** A value of a flag whose order matters. */
export interface OrderedValue {
  readonly position: number
  readonly text: string
}

/** What a flag can have got: a text, several of them, or nothing but its name. */
export type FlagValue = string | readonly string[] | readonly OrderedValue[] | true

type ValueOf<F> = F extends { readonly repeats: 'in-order' }
  ? readonly OrderedValue[]
  : F extends { readonly repeats: true }
    ? readonly string[]
    : F extends { readonly value: string }
      ? string
      : true

/** One command, the same in the shell, in a batch and as `ftp COMMAND …`. */
export interface Command {
  readonly arguments: readonly Argument[]
  /** How the arguments are shown, if their names do not say enough. */
  readonly usage?: string
  readonly flags: Flags
  /** What goes on with a file that was cut. Only for commands that transfer files. */
  readonly continuedBy?: string
  /**
   * What -n makes of it. `runs`: it changes no files, so it does what it always does. `plans`: it says what it would do.
   * Without this, -n is refused.
   */
  readonly dryRun?: 'runs' | 'plans'
  /** Lines of help after the flags. */
  readonly notes?: readonly string[]
  /** Resolves when done. Every failure is thrown, as an FtpError if it has an exit code. */
  run(context: Context, args: readonly string[], flags: FlagValues): Promise<void>
}

/** Gives the flags that `run` gets the types of the flags that are declared. */
export function defineCommand<const F extends Flags>(
  command: Omit<Command, 'flags' | 'run'> & {
    readonly flags: F
    run(context: Context, args: readonly string[], flags: FlagValues<F>): Promise<void>
  },
): Command {
  return command as Command
}

import type { Digest } from '@jftp/protocol'
import type { CopyResult, RemoteEntry, Space } from './call-options.js'
import type { FtpErrorCode } from './errors/ftp-error-code.js'
import type { OfferEvent } from './offer-event.js'
import type { ProgramEndEvent, ProgramOutputEvent } from './program-event.js'

export type { OfferEvent } from './offer-event.js'
export type { ProgramEndEvent, ProgramOutputEvent } from './program-event.js'

/** What `ftp --json` prints: one of these per line on stdout, told apart by `event`. */
export type JsonEvent =
  | EntryEvent
  | LocalEntryEvent
  | LocalFolderEvent
  | OpenEvent
  | UserEvent
  | PingEvent
  | HelpEvent
  | CompletionEvent
  | VersionEvent
  | DigestEvent
  | CopyEvent
  | UsageEvent
  | SpaceEvent
  | JobEvent
  | ProgramOutputEvent
  | ProgramEndEvent
  | SettingEvent
  | AliasEvent
  | BookmarkEvent
  | OfferEvent
  | ProgressEvent
  | TransferEvent
  | PlannedEvent
  | DeletedEvent
  | DifferenceEvent
  | WarningEvent
  | ErrorEvent
  | ResultEvent

interface Versioned {
  readonly v: 1
}

/** One name of ls, find or stat. */
export interface EntryEvent extends Versioned, RemoteEntry {
  readonly event: 'entry'
}

/** One name of lls; `path` is absolute. */
export interface LocalEntryEvent extends Versioned {
  readonly event: 'local-entry'
  readonly path: string
  readonly name: string
  readonly type: 'file' | 'directory' | 'link' | 'other'
  readonly size: number
  readonly mtime: number
  readonly mode?: number | undefined
  readonly target?: string | undefined
}

/** The current local folder, of lpwd and lcd. */
export interface LocalFolderEvent extends Versioned {
  readonly event: 'local-folder'
  readonly path: string
}

/** `open` has connected; `url` names the current remote folder. */
export interface OpenEvent extends Versioned {
  readonly event: 'open'
  readonly url: string
}

/** Somebody has logged in. */
export interface UserEvent extends Versioned {
  readonly event: 'user'
  readonly user: string
  readonly home: string
}

/** One round trip to the server. */
export interface PingEvent extends Versioned {
  readonly event: 'ping'
  readonly ms: number
}

/** The digest of a file on the server: md5, sha256 and the like. */
export interface DigestEvent extends Versioned {
  readonly event: 'digest'
  readonly path: string
  readonly digest: Digest
}

/** A copy on the server: `path` is the name that it got. */
export type CopyEvent = Versioned & CopyResult & { readonly event: 'copy'; readonly from: string }

/** One folder of du: bytes in its files, bytes on the disk, and the number of names, itself included. */
export interface UsageEvent extends Versioned {
  readonly event: 'usage'
  readonly path: string
  readonly size: number
  readonly allocated: number
  readonly names: number
}

/** The room of df, in bytes. */
export interface SpaceEvent extends Versioned, Space {
  readonly event: 'space'
  readonly path: string
}

/** A job of the shell or a batch; `exitCode` is absent while it runs. */
export interface JobEvent extends Versioned {
  readonly event: 'job'
  readonly id: number
  readonly command: string
  readonly exitCode?: number
}

/** A setting of `set`; `origin` is the flag, the variable or the line of a file that it comes from. */
export interface SettingEvent extends Versioned {
  readonly event: 'setting'
  readonly name: string
  /** Absent if it is not set. */
  readonly value?: string
  readonly origin: string
}

/** A name and the commands that it stands for. */
export interface AliasEvent extends Versioned {
  readonly event: 'alias'
  readonly name: string
  readonly command: string
}

/** A name and the URL that it stands for. */
export interface BookmarkEvent extends Versioned {
  readonly event: 'bookmark'
  readonly name: string
  readonly url: string
}

/** The text of --help or of the command `help`. */
export interface HelpEvent extends Versioned {
  readonly event: 'help'
  readonly text: string
}

/** The script that `completion` prints for a shell. */
export interface CompletionEvent extends Versioned {
  readonly event: 'completion'
  readonly shell: 'bash' | 'zsh' | 'fish'
  readonly script: string
}

/** The version of `ftp`. */
export interface VersionEvent extends Versioned {
  readonly event: 'version'
  readonly version: string
}

/** A transfer under way; at most ten a second. */
export interface ProgressEvent extends Versioned {
  readonly event: 'progress'
  readonly path: string
  readonly local?: string
  readonly bytes: number
  /** Absent if the source does not know. */
  readonly total?: number
}

/** A transfer that ended. */
export interface TransferEvent extends Versioned {
  readonly event: 'transfer'
  readonly path: string
  readonly local?: string
  readonly bytes: number
  readonly ms: number
  /** Absent if the transfer was not verified or failed, or if nothing was sent. */
  readonly digest?: Digest
  /** `resumed`: it went on where an earlier one was cut. */
  readonly status: 'sent' | 'received' | 'skipped' | 'unchanged' | 'resumed' | 'failed'
}

/** What a command would do without -n. `local` is absent if no local file takes part. */
export interface PlannedEvent extends Versioned {
  readonly event: 'planned'
  readonly action: 'send' | 'receive' | 'skip' | 'make' | 'delete' | 'move' | 'copy' | 'chmod' | 'touch'
  readonly path: string
  readonly local?: string
  /** The new path of what is moved or copied. */
  readonly to?: string
}

/** A name that `sync --delete` has deleted on one side. */
export interface DeletedEvent extends Versioned {
  readonly event: 'deleted'
  readonly side: 'local' | 'remote'
  readonly path: string
  readonly local: string
}

/** What `diff` has found: a path that only one side has, or that is not the same on both. */
export interface DifferenceEvent extends Versioned {
  readonly event: 'difference'
  readonly type: 'differs' | 'only-here' | 'only-there'
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly path: string
  readonly local: string
}

/** Something was left out, such as a link or a special file in a tree. */
export interface WarningEvent extends Versioned {
  readonly event: 'warning'
  readonly message: string
  readonly path: string
}

/** Something that failed. */
export interface ErrorEvent extends Versioned {
  readonly event: 'error'
  readonly code: FtpErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly path?: string
  /** What the server's log calls the request that failed. */
  readonly id?: string
  /** Of the certificate that the server showed, if the error is about that. */
  readonly fingerprint?: string
}

/** The last line: totals. */
export interface ResultEvent extends Versioned {
  readonly event: 'result'
  readonly exitCode: number
  readonly sent: number
  readonly received: number
  readonly skipped: number
  readonly unchanged: number
  readonly failed: number
  readonly bytes: number
  readonly ms: number
}

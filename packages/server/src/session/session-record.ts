import type { CommandName, Digest, ErrorCode } from '@jftp/protocol'

/** What every record of a request says. */
interface RequestRecord {
  /** The request's id on its connection. */
  readonly requestId: number
  /** What its client is told if it fails; no other request of any server has it. */
  readonly id: string
  /** Empty before the login. */
  readonly user: string
}

/** How a request came out. */
interface RequestResult {
  /** `ok`, `skipped`, or the code of the error. */
  readonly result: string
  /** Why it failed, as the client was told. */
  readonly error?: string
}

/** One `put` or `get`. */
export interface TransferRecord extends RequestRecord, RequestResult {
  readonly type: 'transfer'
  readonly op: 'put' | 'get'
  readonly path: string
  /** Bytes of the file that passed: those of this request, without what was there before if it went on with that. */
  readonly bytes: number
  /** Bytes of the whole file, if it was stored or sent. */
  readonly size?: number | undefined
  /** If a client has continued a download: how many bytes it had already, as a digest has shown. */
  readonly resumedFrom?: number | undefined
  /** Milliseconds from the request's arrival to its last answer. */
  readonly ms: number
  readonly digest?: Digest | undefined
}

/** A request that changes names or what is known of them, done or refused: `rm`, `mv`, `cp`, `mkdir`, `chmod` and so on. */
export interface ChangeRecord extends RequestRecord, RequestResult {
  readonly type: 'change'
  readonly op: CommandName
  readonly path: string
  /** The new name, if there is one. */
  readonly to?: string
}

/** A login that was accepted or refused; `user` is the name that was asked for. */
export interface LoginRecord extends RequestRecord, RequestResult {
  readonly type: 'login'
  /** Which token or key it was, if it was accepted. */
  readonly credential?: string
}

/** A program that the operator allows was run, or was not. */
export interface ProgramRecord extends RequestRecord, RequestResult {
  readonly type: 'program'
  readonly name: string
  /** Milliseconds from the request's arrival to the end of the program. */
  readonly ms: number
  /** What the program ended with. */
  readonly exitCode?: number
  /** What killed the program. */
  readonly signal?: string
}

/** A request that failed, or a part of one, for a reason the client was not told in full. */
export interface FaultRecord extends RequestRecord {
  readonly type: 'fault'
  readonly cmd: string
  readonly code: ErrorCode
  /** What it was about, if that is one path. */
  readonly path?: string
  readonly cause: string
}

/** What becomes a line of the log. */
export type LoggedRecord = TransferRecord | ChangeRecord | LoginRecord | ProgramRecord | FaultRecord

/** A transfer that may take long has begun; its TransferRecord comes at its end. */
export interface ActivityRecord {
  readonly type: 'activity'
  readonly requestId: number
  readonly op: 'put' | 'get'
  readonly path: string
  /** Bytes of the file, if that is known. */
  readonly size?: number
}

/** How far such a transfer is. */
export interface ProgressRecord {
  readonly type: 'progress'
  readonly requestId: number
  /** Bytes that have passed so far. */
  readonly bytes: number
}

/** A request was refused or failed and is not logged, because it would have changed nothing. */
export interface RefusalRecord {
  readonly type: 'refusal'
  readonly code: ErrorCode
}

/** The server ends the session. `reason` is what the client was told. */
export interface GoodbyeRecord {
  readonly type: 'goodbye'
  readonly code: ErrorCode
  readonly reason: string
}

/** The client says that it leaves: its connection was not cut. */
export interface FarewellRecord {
  readonly type: 'farewell'
}

/** What a session tells its server. */
export type SessionRecord =
  | LoggedRecord
  | ActivityRecord
  | ProgressRecord
  | RefusalRecord
  | GoodbyeRecord
  | FarewellRecord

/** Records on their way to the server. */
export interface SessionReport {
  readonly type: 'records'
  /** The session's number. */
  readonly session: number
  /** An array of SessionRecords, as JSON. */
  readonly records: string
}

import type { Digest, ProtocolError } from '@jftp/protocol'

/** What the log says of one transfer. */
export interface TransferRecord {
  readonly type: 'transfer'
  readonly op: 'put' | 'get'
  readonly path: string
  readonly user: string
  /** Bytes of the file that passed. */
  readonly bytes: number
  /** Milliseconds from the request's arrival to its last answer. */
  readonly ms: number
  readonly digest?: Digest | undefined
  /** `ok`, `skipped`, or an error's code. */
  readonly result: string
  readonly error?: string
}

/** A request that failed for a reason the client was not told in full. */
export interface FaultRecord {
  readonly type: 'fault'
  readonly cmd: string
  readonly requestId: number
  readonly code: ProtocolError['code']
  readonly cause: string
}

/** What a session tells its server. */
export type SessionRecord = TransferRecord | FaultRecord

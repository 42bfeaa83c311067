/** What `ftpd status` is told; as JSON, and the same for programs. Times are milliseconds. */
export interface Status {
  readonly v: 1
  readonly version: string
  readonly pid: number
  readonly url: string
  readonly root: string
  /** When it began to listen, since 1970. */
  readonly since: number
  readonly state: 'serving' | 'draining'
  readonly sessions: readonly SessionStatus[]
  /** Addresses that may not connect, because of failed logins. */
  readonly bans: readonly BanStatus[]
}

export interface BanStatus {
  /** An IPv4 address or a /64 network of IPv6. */
  readonly address: string
  /** When the ban ends, since 1970. */
  readonly until: number
}

export interface SessionStatus {
  readonly id: number
  /** The address and port of the client, or `unix`. */
  readonly client: string
  /** Empty before the login. */
  readonly user: string
  readonly since: number
  /** The transfer that is under way, if it is large or has taken a second. */
  readonly transfer?: TransferStatus
}

export interface TransferStatus {
  readonly op: 'put' | 'get'
  readonly path: string
  /** Bytes that have passed so far. */
  readonly bytes: number
  /** Bytes of the file, if that is known. */
  readonly size?: number
  readonly since: number
  /** Bytes per second at the moment. */
  readonly rate: number
}

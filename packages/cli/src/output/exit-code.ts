import { FtpError, type FtpErrorCode } from '@jftp/client'
import { ProtocolError } from '@jftp/protocol'

/** The exit code of `ftp` for each error code. docs/ERRORS.md has the same table. */
export const EXIT_CODES: Readonly<Record<FtpErrorCode, number>> = {
  internal: 1,
  'io-error': 1,
  'local-io': 1,
  usage: 2,
  'bad-request': 2,
  'is-a-directory': 2,
  'not-a-directory': 2,
  'local-is-a-directory': 2,
  'local-not-a-directory': 2,
  'local-not-a-file': 2,
  'unknown-host': 3,
  'connection-refused': 3,
  unreachable: 3,
  'connection-lost': 3,
  'cancelled-by-server': 3,
  closed: 3,
  timeout: 3,
  busy: 3,
  'too-many-connections': 3,
  'rate-limited': 3,
  'shutting-down': 3,
  'login-required': 4,
  'login-failed': 4,
  'not-found': 5,
  'local-not-found': 5,
  'permission-denied': 6,
  'local-permission': 6,
  exists: 7,
  'local-exists': 7,
  'not-empty': 7,
  changed: 7,
  'too-many-deletions': 7,
  'digest-mismatch': 8,
  'size-mismatch': 8,
  'no-space': 9,
  'local-no-space': 9,
  'over-quota': 9,
  'too-large': 9,
  different: 10,
  'unknown-certificate': 11,
  'certificate-changed': 11,
  'not-jftp': 12,
  'protocol-error': 12,
  'unknown-command': 12,
  unsupported: 12,
  cancelled: 130,
}

/** The exit code for what a command threw: 0 for nothing, the common code of several failures, or else 1. */
export function exitCodeOf(thrown: unknown): number {
  const [first, ...others] = failuresOf(thrown).map(exitCodeOfOne)
  if (first === undefined) return 0
  return others.every((code) => code === first) ? first : 1
}

/** Why a signal of the process aborts a command. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly exitCode: number

  constructor(signal: NodeJS.Signals, exitCode: number) {
    super(`${signal} was received`)
    this.exitCode = exitCode
  }
}

/** Failures of a batch that are not told one by one. */
export class MoreFailures extends Error {
  override readonly name = 'MoreFailures'
  /** That of all failures of the batch together. */
  readonly exitCode: number

  constructor(count: number, exitCode: number) {
    super(`and ${count} more`)
    this.exitCode = exitCode
  }
}

/** What something that was waited for ended with. */
export class EndedWith extends Error {
  override readonly name = 'EndedWith'
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The single failures in what a command threw; none if it threw nothing. */
export function failuresOf(thrown: unknown): readonly unknown[] {
  if (thrown === undefined) return []
  return thrown instanceof AggregateError ? thrown.errors : [thrown]
}

/** Throws one failure as it is, several as an AggregateError. */
export function throwFailures(failures: readonly unknown[]): void {
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures)
}

function exitCodeOfOne(failure: unknown): number {
  if (failure instanceof MoreFailures || failure instanceof EndedWith) return failure.exitCode
  if (failure instanceof FtpError) return EXIT_CODES[failure.code]
  if (failure instanceof ProtocolError) return EXIT_CODES[failure.code]
  return 1
}

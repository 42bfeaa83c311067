import type { PublishOutcome } from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import type { DownloadOutcome } from './download-sink.js'

/** `target` is where the links on `local` lead. */
export interface DownloadPaths {
  readonly local: string
  readonly target: string
}

/** What the caller of a get is told when its file was published, or could not be. */
export function outcomeOf(
  outcome: PublishOutcome,
  { local, target }: DownloadPaths,
): DownloadOutcome | FtpError {
  switch (outcome.type) {
    case 'stored':
      return outcome.suffix === ''
        ? { status: 'received' }
        : { status: 'received', local: target + outcome.suffix }
    case 'skipped':
      return { status: 'skipped' }
    case 'taken':
      return nameTaken(local)
    case 'not-durable':
      return notDurable(target + outcome.suffix, outcome.cause)
    case 'failed':
      return fromLocalError(outcome.error, local)
  }
}

export function nameTaken(path: string): FtpError {
  return new FtpError('local-exists', `${path}: the name is taken`, { path })
}

function notDurable(path: string, cause: unknown): FtpError {
  const message = `${path}: it is complete, but its folder could not be synced: a loss of power may undo it`
  return new FtpError('local-io', message, { path, cause })
}

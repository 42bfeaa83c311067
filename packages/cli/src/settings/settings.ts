import type { DigestAlgorithm, OnExists, RateLimit, RetryOptions } from '@jftp/client'
import type { ProgressMode } from '../progress/progress-view.js'
import type { CredentialSettings } from './credential-settings.js'

/** The validated global flags and environment variables. */
export interface Settings {
  /** The server and folder that relative remote paths belong to. */
  readonly url: string | undefined
  /** The file and the line of `url` if the file of a project gives it; undefined if the user has named the server. */
  readonly urlFromProject: string | undefined
  readonly user: string | undefined
  readonly credentials: CredentialSettings
  /** The fingerprint of the only certificate that the server may have. */
  readonly pin: string | undefined
  /** The path of a file with the certificates of the only authorities that may vouch for the server. */
  readonly ca: string | undefined
  /** Whether a person may be asked something. */
  readonly input: 'ask' | 'never-ask'
  /** Whether yes is the answer to each yes/no question, so that nobody is asked. */
  readonly assumesYes: boolean
  /** Milliseconds to wait for the server. */
  readonly timeout: number | undefined
  /** Milliseconds that a command may take. */
  readonly maxTime: number | undefined
  readonly retry: Required<Pick<RetryOptions, 'retries' | 'delay' | 'when'>>
  /** For all connections together. */
  readonly limitRate: RateLimit | undefined
  readonly digest: DigestAlgorithm
  /** Undefined if it was not given: then transfers overwrite, and mv refuses. */
  readonly onExists: OnExists | undefined
  /** Whether commands say what they would change instead of changing it. */
  readonly isDryRun: boolean
  /** Connections that share the files of a batch. */
  readonly connections: number
  readonly format: 'text' | 'json'
  readonly progress: ProgressMode | 'auto'
  readonly verbosity: 'quiet' | 'normal' | 'verbose'
  readonly colour: 'auto' | 'never'
}

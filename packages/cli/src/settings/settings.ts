import type { DigestAlgorithm, OnExists } from '@jftp/client'
import type { ProgressMode } from '../progress/progress-view.js'

/** What the global flags and the environment say, validated. */
export interface Settings {
  /** The server that relative remote paths belong to. */
  readonly url: string | undefined
  readonly user: string | undefined
  /** Milliseconds to connect. */
  readonly timeout: number | undefined
  readonly digest: DigestAlgorithm
  readonly onExists: OnExists
  readonly format: 'text' | 'json'
  readonly progress: ProgressMode | 'auto'
  readonly verbosity: 'quiet' | 'normal' | 'verbose'
  readonly colour: 'auto' | 'never'
}

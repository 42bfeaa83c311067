import type { OnExists } from '../call-options.js'

export interface FileDownloadOptions {
  readonly onExists?: OnExists | undefined
  readonly preserve?: 'times-and-mode' | undefined
  readonly localLink?: 'follow' | 'replace' | undefined
  /** Where the file comes from. What was kept of a cut download is continued only if it came from the same place. */
  readonly url: string
}

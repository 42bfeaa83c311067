import { type DaemonConfig, resolveConfig } from './config.js'
import { type GivenOption, locate, readOptions } from './given-options.js'

/** What a daemon runs with, and the options that it was made from. */
export interface Settings {
  readonly config: DaemonConfig
  readonly options: readonly GivenOption[]
}

/** Throws UsageError and CommanderError. */
export async function readSettings(argv: readonly string[]): Promise<Settings> {
  const options = await readOptions(argv)
  try {
    return { config: await resolveConfig(options.raw, options), options: options.list }
  } catch (error) {
    throw locate(error, options)
  }
}

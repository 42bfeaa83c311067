import { readFileSync } from 'node:fs'

// The bundle of the command `ftp` contains this module, and lies beside a package.json too.
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** The version of this package, `1.2.3`. */
export const VERSION = manifest.version

import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** The version of this package, `1.2.3`. */
export const VERSION = manifest.version

/** How the server names itself to clients. */
export const AGENT = `jftp/${VERSION}`

import { readFileSync } from 'node:fs'

/** `ftp (jftp) 0.1.0`. Loads nothing: `ftp --version` starts as fast as Node does. */
export function productVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return `ftp (jftp) ${manifest.version}`
}

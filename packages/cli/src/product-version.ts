import { readFileSync } from 'node:fs'

/** `ftp (jftp) 1.2.3`. */
export function productVersion(): string {
  return `ftp (jftp) ${versionNumber()}`
}

/** `1.2.3`. */
export function versionNumber(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  return version
}

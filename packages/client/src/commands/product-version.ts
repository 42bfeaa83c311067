import { VERSION } from '../version.js'

/** `ftp (jftp) 1.2.3`. */
export function productVersion(): string {
  return `ftp (jftp) ${VERSION}`
}

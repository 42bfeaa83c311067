import { execFileSync } from 'node:child_process'
import { findProgram } from './command.js'

const VERSION = /\d+(?:\.\d+)+/

/** Of the programs that are installed. */
export function findVersions(): Record<string, string> {
  const versions: Record<string, string> = {}
  for (const name of ['rsync', 'curl', 'lftp']) {
    const program = findProgram(name)
    if (program === undefined) continue
    const [version] = VERSION.exec(execFileSync(program, ['--version'], { encoding: 'utf8' })) ?? []
    if (version !== undefined) versions[name] = version
  }
  return versions
}

import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program to run, as the bench runs them all: no shell in between. */
export interface ProgramCall {
  readonly program: string
  readonly args: readonly string[]
}

/** Daemons live where an ordinary user's PATH does not look. */
const DAEMON_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

/** The whole path of an installed program; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...DAEMON_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

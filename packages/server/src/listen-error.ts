import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DaemonConfig } from './cli/config.js'

/** Why the server could not listen, and what to do, in one line; undefined if the cause is another. */
export function explainListenError(error: unknown, config: DaemonConfig): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'listen' && syscall !== 'bind') return undefined
  return config.unix === undefined ? explainPort(code, config) : explainSocket(code, config.unix)
}

function explainPort(code: string | undefined, { host, port }: DaemonConfig): string | undefined {
  const where = `${host}:${port}`
  if (code === 'EADDRINUSE') {
    return `${where} is in use; stop what listens there, or choose another with --port (0 picks one)`
  }
  if (code === 'EADDRNOTAVAIL') return `${where} is no address of this machine`
  if (code === 'EACCES')
    return `may not listen on ${where}; ports below 1024 need the right to, choose one above`
  return undefined
}

function explainSocket(code: string | undefined, path: string): string | undefined {
  if (code === 'EADDRINUSE') return `${path} is in use; stop what listens there, or choose another path`
  // Node says EACCES also if the folder does not exist, so the folder is looked at here.
  if (code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR') return explainFolder(path, dirname(path))
  return undefined
}

function explainFolder(path: string, folder: string): string {
  try {
    if (!statSync(folder).isDirectory()) {
      return `can't make the socket ${path}: ${folder} is not a folder; choose another path`
    }
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      return `can't make the socket ${path}: the folder ${folder} does not exist; make it first`
    if (code === 'ENOTDIR')
      return `can't make the socket ${path}: the path leads through a file; choose another path`
    return `can't make the socket ${path}: may not write in ${folder}; choose another folder, or change its mode`
  }
  return `can't make the socket ${path}: the system does not allow one in ${folder}; choose another folder`
}

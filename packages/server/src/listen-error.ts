import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DaemonConfig } from './cli/config.js'

/** Why the server could not listen, and what to do, in one line; undefined if the cause is another. */
export function explainListenError(
  error: unknown,
  config: Pick<DaemonConfig, 'control' | 'metrics' | 'unix' | 'host' | 'port'>,
): string | undefined {
  const { code, syscall, port, address } = error as NodeJS.ErrnoException & {
    port?: number
    address?: string
  }
  if (syscall !== 'listen' && syscall !== 'bind' && syscall !== 'getaddrinfo') return undefined
  const { control, metrics, unix } = config
  if (control.type === 'path' && address === control.path) return explainSocket(code, control.path)
  // The metrics are opened last, and on a port of their own.
  if (metrics !== undefined && port !== undefined && port !== config.port)
    return explainPort(code, metrics, '--metrics')
  return unix === undefined ? explainPort(code, config, '--port') : explainSocket(code, unix)
}

function explainPort(
  code: string | undefined,
  { host, port }: { host: string; port: number },
  option: string,
): string | undefined {
  const where = `${host}:${port}`
  if (code === 'EADDRINUSE') {
    return `${where} is in use; stop what listens there, or choose another with ${option} (0 picks one)`
  }
  if (code === 'ENOTFOUND') return `the host of ${option} ${where} has no address; check its spelling`
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

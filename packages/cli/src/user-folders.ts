import { homedir } from 'node:os'
import { join } from 'node:path'

/** `$XDG_CONFIG_HOME/jftp`: what its user has set. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'jftp')
}

/** `$XDG_CACHE_HOME/jftp`: what ftp can make again. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'jftp')
}

/** `$XDG_STATE_HOME/jftp`: what ftp remembers by itself. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'jftp')
}

import { parseRemoteUrl, type RemoteUrl } from '@jftp/client'
import { normalizeRemotePath } from '@jftp/protocol'

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** A server, and who has named it. */
export interface NamedServer extends RemoteUrl {
  /** The file and the line if only the file of a project names it; undefined if the user does. */
  readonly fromProject?: string | undefined
}

/** A server, and the folder on it if the text named one. */
export interface ServerAddress {
  readonly server: NamedServer
  /** Absolute and normal. */
  readonly folder: string | undefined
}

/**
 * Reads `host`, `host:port`, `user@host/folder` or a whole URL: what --url, $FTP_URL, `open` and the argument of
 * `ftp` take. Throws `usage`.
 */
export function readServerAddress(text: string): ServerAddress {
  const server = parseRemoteUrl(text)
  const hasPath = text.replace(SCHEME, '').includes('/')
  return { server, folder: hasPath ? normalizeRemotePath(server.path) : undefined }
}

/** Whether an argument is a URL rather than a path. A URL of another scheme is refused when it is read. */
export function isRemoteUrl(text: string): boolean {
  return SCHEME.test(text)
}

/** Whether both name the same server and, if `other` names a user, the same user. */
export function isSameServer(server: RemoteUrl, other: RemoteUrl): boolean {
  return (
    server.scheme === other.scheme &&
    server.host === other.host &&
    server.port === other.port &&
    (other.user === undefined || other.user === server.user)
  )
}

/** Whether a remote path or URL is written so that it can only be a folder: `x/`, `.`, `..`. */
export function isWrittenAsFolder(text: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(text)
}

import type { OneOffMessageOf, OneOffRequest } from '@jftp/protocol'

/** What the other side needs. */
export interface Invitation {
  readonly url: string
  readonly token: string
  /** The fingerprint of the certificate. */
  readonly pin: string
  /** One line for a shell that does the whole transfer. */
  readonly command: string
}

/** How the other side comes to the files. The token stands in a variable, because everybody can read arguments. */
export function invite(
  type: OneOffRequest['type'],
  host: string,
  { port, token, fingerprint, names, files }: OneOffMessageOf<'ready'>,
  content: 'file' | 'folder',
): Invitation {
  const [name = ''] = names
  const isOneFile = names.length === 1 && files === 1 && content === 'file'
  const path = isOneFile ? escape(name) : ''
  const url = `jftps://${type}@${host.includes(':') ? `[${host}]` : host}:${port}/${path}`
  const verb = type === 'receive' ? 'put -r' : isOneFile ? 'get' : 'get -r'
  const target = type === 'receive' ? `-O ${quote(url)} FILE` : quote(url)
  // `jftp` is this program wherever it is installed; `ftp` may be another.
  const command = `FTP_TOKEN=${token} jftp ${verb} --pin ${fingerprint} ${target}`
  return { url, token, pin: fingerprint, command }
}

/** As `encodeURIComponent`, and also what a shell gives a meaning to. */
function escape(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The brackets of an IPv6 address are a pattern for some shells. */
function quote(url: string): string {
  return url.includes('[') ? `'${url}'` : url
}

import { FtpError } from '@jftp/client'

/**
 * Where the password, the token or the key of a user comes from. What is not given is looked up in
 * the netrc file, then the keys of ssh-agent are tried, and then it is asked for on the terminal.
 */
export type CredentialSettings =
  | { readonly type: 'none' }
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'token-file'; readonly path: string; readonly from: string }
  | { readonly type: 'password-file'; readonly path: string; readonly from: string }
  | { readonly type: 'password-stdin' }
  | { readonly type: 'key-file'; readonly path: string; readonly from: string }
  /** What a configuration file gives for the server of its URL; any other server never gets to see it. */
  | {
      readonly type: 'for-server'
      readonly url: string
      readonly credentials: CredentialSettings
      readonly otherwise: CredentialSettings
    }

interface CredentialFlags {
  readonly passwordFile?: string | undefined
  readonly tokenFile?: string | undefined
  readonly key?: string | undefined
  readonly passwordStdin?: true | undefined
}

/** Undefined if the environment has none. A secret never comes as an argument, which everybody on the machine can see. */
export function credentialsOfEnvironment(env: NodeJS.ProcessEnv): CredentialSettings | undefined {
  const { FTP_TOKEN: token, FTP_KEY: key, FTP_PASSWORD: password, FTP_PASSWORD_FILE: path } = env
  if (token) return { type: 'token', token }
  if (key) return { type: 'key-file', path: key, from: '$FTP_KEY' }
  if (path) return { type: 'password-file', path, from: '$FTP_PASSWORD_FILE' }
  if (password) return { type: 'password', password }
  return undefined
}

/** A flag wins over what was set before. */
export function applyCredentialFlags(
  before: CredentialSettings,
  { passwordFile, passwordStdin, tokenFile, key }: CredentialFlags,
  nameOf: (key: 'passwordFile' | 'tokenFile' | 'key') => string,
): CredentialSettings {
  if ([passwordFile, passwordStdin, tokenFile, key].filter((flag) => flag !== undefined).length > 1) {
    throw new FtpError('usage', 'give only one of --password-file, --password-stdin, --token-file and --key')
  }
  if (tokenFile !== undefined) return { type: 'token-file', path: tokenFile, from: nameOf('tokenFile') }
  if (passwordFile !== undefined)
    return { type: 'password-file', path: passwordFile, from: nameOf('passwordFile') }
  if (passwordStdin) return { type: 'password-stdin' }
  if (key !== undefined) return { type: 'key-file', path: key, from: nameOf('key') }
  return before
}

import { FtpError } from '@jftp/client'

/** Where the password or the token of a user comes from. What is not given here is asked for on the terminal. */
export type CredentialSettings =
  | { readonly type: 'ask' }
  /** Nobody may be asked. */
  | { readonly type: 'never-ask' }
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'token-file'; readonly path: string }
  | { readonly type: 'password-file'; readonly path: string; readonly from: string }
  | { readonly type: 'password-stdin' }

interface CredentialFlags {
  readonly passwordFile?: string | undefined
  readonly tokenFile?: string | undefined
  readonly passwordStdin?: true | undefined
  readonly noInput?: true | undefined
}

/** A secret never comes as an argument, which everybody on the machine can see. */
export function credentialsOfEnvironment(env: NodeJS.ProcessEnv): CredentialSettings {
  const { FTP_TOKEN: token, FTP_PASSWORD: password, FTP_PASSWORD_FILE: path } = env
  if (token) return { type: 'token', token }
  if (path) return { type: 'password-file', path, from: '$FTP_PASSWORD_FILE' }
  if (password) return { type: 'password', password }
  return { type: 'ask' }
}

/** A flag wins over what was set before. */
export function applyCredentialFlags(
  before: CredentialSettings,
  { passwordFile, passwordStdin, tokenFile, noInput }: CredentialFlags,
): CredentialSettings {
  if ([passwordFile, passwordStdin, tokenFile].filter((flag) => flag !== undefined).length > 1) {
    throw new FtpError('usage', 'give only one of --password-file, --password-stdin and --token-file')
  }
  if (tokenFile !== undefined) return { type: 'token-file', path: tokenFile }
  if (passwordFile !== undefined)
    return { type: 'password-file', path: passwordFile, from: '--password-file' }
  if (passwordStdin) return { type: 'password-stdin' }
  return noInput && before.type === 'ask' ? { type: 'never-ask' } : before
}

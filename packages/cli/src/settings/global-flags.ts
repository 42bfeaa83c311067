import { FtpError, parseFingerprint, parseRate, RATE_EXAMPLES, RateLimit } from '@jftp/client'
import { DIGEST_ALGORITHMS } from '@jftp/protocol'
import type { FlagValues } from '../commands/command.js'
import { applyCredentialFlags, credentialsOfEnvironment } from './credential-settings.js'
import type { Settings } from './settings.js'

const ON_EXISTS = ['overwrite', 'skip', 'resume', 'newer', 'rename', 'fail'] as const
const PROGRESS = ['auto', 'bar', 'lines', 'json', 'none'] as const

/** As many as the library takes. */
const MAX_JOBS = 64

/** Flags of every command, before or after its name. */
export const globalFlags = {
  url: {
    spelling: '--url',
    value: 'URL',
    kind: 'url',
    help: 'the server and folder that relative paths belong to ($FTP_URL)',
  },
  user: { spelling: '-u, --user', value: 'NAME', help: 'the user name on the server ($FTP_USER)' },
  passwordFile: {
    spelling: '--password-file',
    value: 'FILE',
    kind: 'local',
    help: 'read the password from the first line of a file ($FTP_PASSWORD_FILE; $FTP_PASSWORD holds the password itself)',
  },
  tokenFile: {
    spelling: '--token-file',
    value: 'FILE',
    kind: 'local',
    help: 'read a token from the first line of a file ($FTP_TOKEN holds the token itself)',
  },
  key: {
    spelling: '--key',
    value: 'FILE',
    kind: 'local',
    help: 'log in by this SSH key; of a public key, ssh-agent has the private half ($FTP_KEY)',
  },
  passwordStdin: { spelling: '--password-stdin', help: 'read the password from stdin' },
  pin: {
    spelling: '--pin',
    value: 'sha256:HEX',
    help: 'the fingerprint of the certificate that the server of a jftps: URL must have; ftpd fingerprint prints it ($FTP_PIN)',
  },
  ca: {
    spelling: '--ca',
    value: 'FILE',
    kind: 'local',
    help: 'the certificates (PEM) of the authorities that must vouch for the server; without it, those of the system',
  },
  noInput: {
    spelling: '--no-input',
    help: 'ask nothing: fail if a password or passphrase is missing or the certificate of the server is unknown',
  },
  timeout: {
    spelling: '--timeout',
    value: 'TIME',
    help: 'give up if the server is silent for this long: 10, 500ms, 2m',
  },
  maxTime: {
    spelling: '--max-time',
    value: 'TIME',
    help: 'end the command after this long, with exit code 124: 90, 5m, 2h',
  },
  retries: {
    spelling: '--retries',
    value: 'N',
    help: 'how often to try again after a failure that may pass; 3 if the server was reached once',
  },
  retryDelay: {
    spelling: '--retry-delay',
    value: 'TIME',
    help: 'how long to wait before the first new attempt, twice as long before each that follows: 1, 500ms',
  },
  limitRate: {
    spelling: '--limit-rate',
    value: 'RATE',
    help: 'bytes per second at most, both ways together: 500k, 10M, 1.5MiB, or none ($FTP_LIMIT_RATE)',
  },
  digest: {
    spelling: '--digest',
    value: 'NAME',
    choices: DIGEST_ALGORITHMS,
    help: 'the digest that checks each transfer: md5, sha256, blake3, xxh128 or none ($FTP_DIGEST)',
  },
  onExists: {
    spelling: '--on-exists',
    value: 'WHAT',
    choices: ON_EXISTS,
    help: 'if the name is taken: overwrite, skip, resume (what was cut), newer (overwrite what is older), rename (to NAME.new, NAME.new.2 …) or fail',
  },
  jobs: { spelling: '-j, --jobs', value: 'N', help: 'share the files among N connections' },
  json: { spelling: '--json', help: 'print one JSON object on each line of stdout' },
  progress: {
    spelling: '--progress',
    value: 'HOW',
    choices: PROGRESS,
    help: 'how progress is shown: auto, bar, lines, json or none',
  },
  quiet: { spelling: '-q, --quiet', help: 'print only answers and errors' },
  verbose: { spelling: '-v, --verbose', help: 'print more about errors' },
  noColor: { spelling: '--no-color', help: 'print no colours ($NO_COLOR)' },
} as const

export type GlobalFlags = FlagValues<typeof globalFlags>

/** Validates the flags and the environment. A flag wins over a variable, and a variable over the default. */
export function readSettings(flags: GlobalFlags, env: NodeJS.ProcessEnv): Settings {
  return applyFlags(
    {
      url: env['FTP_URL'] || undefined,
      user: env['FTP_USER'] || undefined,
      credentials: credentialsOfEnvironment(env),
      pin: env['FTP_PIN'] ? readPin('$FTP_PIN', env['FTP_PIN']) : undefined,
      ca: undefined,
      input: 'ask',
      timeout: undefined,
      maxTime: undefined,
      retry: { retries: 3, delay: 1000, when: 'once-connected' },
      limitRate: readRate('$FTP_LIMIT_RATE', env['FTP_LIMIT_RATE'] || 'none'),
      digest: choose('$FTP_DIGEST', env['FTP_DIGEST'] || 'md5', DIGEST_ALGORITHMS),
      onExists: undefined,
      connections: 1,
      format: 'text',
      progress: 'auto',
      verbosity: 'normal',
      colour: env['NO_COLOR'] ? 'never' : 'auto',
    },
    flags,
  )
}

/** The settings of one command: those that were given with it win. */
export function applyFlags(settings: Settings, flags: GlobalFlags): Settings {
  const {
    url,
    user,
    pin,
    ca,
    noInput,
    timeout,
    maxTime,
    limitRate,
    digest,
    onExists,
    jobs,
    json,
    progress,
    quiet,
    verbose,
    noColor,
  } = flags
  if (progress === 'json' && !json && settings.format !== 'json') {
    throw new FtpError('usage', "'--progress json' is a part of what --json prints; add --json")
  }
  return {
    url: url ?? settings.url,
    user: user ?? settings.user,
    credentials: applyCredentialFlags(settings.credentials, flags),
    pin: pin === undefined ? settings.pin : readPin('--pin', pin),
    ca: ca ?? settings.ca,
    input: noInput ? 'never-ask' : settings.input,
    timeout: timeout === undefined ? settings.timeout : readTime('--timeout', timeout),
    maxTime: maxTime === undefined ? settings.maxTime : readTime('--max-time', maxTime),
    retry: readRetry(settings.retry, flags),
    limitRate: limitRate === undefined ? settings.limitRate : readRate('--limit-rate', limitRate),
    digest: digest === undefined ? settings.digest : choose('--digest', digest, DIGEST_ALGORITHMS),
    onExists: onExists === undefined ? settings.onExists : choose('--on-exists', onExists, ON_EXISTS),
    connections: jobs === undefined ? settings.connections : readJobs(jobs),
    format: json ? 'json' : settings.format,
    progress: progress === undefined ? settings.progress : choose('--progress', progress, PROGRESS),
    verbosity: quiet ? 'quiet' : verbose ? 'verbose' : settings.verbosity,
    colour: noColor ? 'never' : settings.colour,
  }
}

function readPin(name: string, text: string): string {
  const pin = parseFingerprint(text)
  if (pin !== undefined) return pin
  throw new FtpError(
    'usage',
    `${name} must be sha256: and 64 hex digits, as "ftpd fingerprint" prints it, not '${text}'`,
  )
}

function choose<const C extends string>(flag: string, value: string, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  const list = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
  throw new FtpError('usage', `${flag} must be ${list}, not '${value}'`)
}

function readRate(name: string, text: string): RateLimit | undefined {
  if (text === 'none') return undefined
  const rate = parseRate(text)
  if (rate !== undefined) return new RateLimit(rate)
  throw new FtpError('usage', `${name} is ${RATE_EXAMPLES}, or none; not '${text}'`)
}

function readJobs(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= MAX_JOBS) return number
  throw new FtpError('usage', `--jobs is a number of connections from 1 to ${MAX_JOBS}, not '${text}'`)
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Whoever asks for retries wants them also if the server was never reached. */
function readRetry(retry: Settings['retry'], { retries, retryDelay }: GlobalFlags): Settings['retry'] {
  if (retries !== undefined && !/^\d{1,6}$/.test(retries)) {
    throw new FtpError('usage', `--retries must be a number from 0 to 999999, not '${retries}'`)
  }
  return {
    retries: retries === undefined ? retry.retries : Number(retries),
    delay: retryDelay === undefined ? retry.delay : readTime('--retry-delay', retryDelay),
    when: retries === undefined ? retry.when : 'always',
  }
}

/** Milliseconds of a time that is in seconds if it has no unit. */
function readTime(flag: string, text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Number(number) * UNITS[unit as keyof typeof UNITS]
  if (ms > 0 && ms < 2 ** 31) return Math.ceil(ms)
  throw new FtpError('usage', `${flag} must be a time such as 10, 500ms or 2m, not '${text}'`)
}

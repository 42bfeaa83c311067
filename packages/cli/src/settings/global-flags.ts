import { FtpError } from '@jftp/client'
import { DIGEST_ALGORITHMS } from '@jftp/protocol'
import type { FlagValues } from '../commands/command.js'
import { applyCredentialFlags } from './credential-settings.js'
import { choose, readConnections, readPin, readRate, readTime } from './setting-values.js'
import type { Settings } from './settings.js'

const ON_EXISTS = ['overwrite', 'skip', 'resume', 'newer', 'rename', 'fail'] as const
const PROGRESS = ['auto', 'bar', 'lines', 'json', 'none'] as const

/** Flags of every command, before or after its name. */
export const globalFlags = {
  url: {
    spelling: '--url',
    value: 'URL',
    kind: 'bookmark',
    help: 'the server and folder that relative paths belong to ($FTP_URL)',
  },
  user: { spelling: '-u, --user', value: 'NAME', help: 'the user name on the server ($FTP_USER)' },
  profile: {
    spelling: '--profile',
    value: 'NAME',
    help: 'the settings of [profile.NAME] in the configuration files ($FTP_PROFILE)',
  },
  config: {
    spelling: '--config',
    value: 'FILE',
    kind: 'local',
    help: 'a configuration file (TOML) instead of $XDG_CONFIG_HOME/jftp/config.toml ($FTP_CONFIG)',
  },
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
    help: 'ask nothing: fail if a password or passphrase is missing, or if the certificate of the server is unknown and -y is not given',
  },
  yes: {
    spelling: '-y, --yes',
    help: 'answer each yes/no question with yes: accept and remember the unknown certificate of a server that is new, also with --no-input; in CI use --pin instead, which lets no impostor in',
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
  dryRun: { spelling: '-n, --dry-run', help: 'say what would be done, and change nothing' },
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

/** How messages call a flag. */
function nameOfFlag(key: keyof GlobalFlags): string {
  return globalFlags[key].spelling.split(', ').at(-1) ?? ''
}

/** The settings of one command: those that were given with it win. `nameOf` is how a message calls what was given. */
export function applyFlags(
  settings: Settings,
  flags: GlobalFlags,
  nameOf: (key: keyof GlobalFlags) => string = nameOfFlag,
): Settings {
  const {
    url,
    user,
    pin,
    ca,
    noInput,
    yes,
    timeout,
    maxTime,
    limitRate,
    digest,
    onExists,
    dryRun,
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
    urlFromProject: url === undefined ? settings.urlFromProject : undefined,
    user: user ?? settings.user,
    credentials: applyCredentialFlags(settings.credentials, flags, nameOf),
    pin: pin === undefined ? settings.pin : readPin(nameOf('pin'), pin),
    ca: ca ?? settings.ca,
    input: noInput ? 'never-ask' : settings.input,
    assumesYes: yes === true || settings.assumesYes,
    timeout: timeout === undefined ? settings.timeout : readTime(nameOf('timeout'), timeout),
    maxTime: maxTime === undefined ? settings.maxTime : readTime(nameOf('maxTime'), maxTime),
    retry: readRetry(settings.retry, flags, nameOf),
    limitRate: limitRate === undefined ? settings.limitRate : readRate(nameOf('limitRate'), limitRate),
    digest: digest === undefined ? settings.digest : choose(nameOf('digest'), digest, DIGEST_ALGORITHMS),
    onExists: onExists === undefined ? settings.onExists : choose(nameOf('onExists'), onExists, ON_EXISTS),
    isDryRun: dryRun === true || settings.isDryRun,
    connections: jobs === undefined ? settings.connections : readConnections(nameOf('jobs'), jobs),
    format: json ? 'json' : settings.format,
    progress: progress === undefined ? settings.progress : choose(nameOf('progress'), progress, PROGRESS),
    verbosity: quiet ? 'quiet' : verbose ? 'verbose' : settings.verbosity,
    colour: noColor ? 'never' : settings.colour,
  }
}

/** Whoever asks for retries wants them also if the server was never reached. */
function readRetry(
  retry: Settings['retry'],
  { retries, retryDelay }: GlobalFlags,
  nameOf: (key: keyof GlobalFlags) => string,
): Settings['retry'] {
  if (retries !== undefined && !/^\d{1,6}$/.test(retries)) {
    throw new FtpError('usage', `${nameOf('retries')} must be a number from 0 to 999999, not '${retries}'`)
  }
  return {
    retries: retries === undefined ? retry.retries : Number(retries),
    delay: retryDelay === undefined ? retry.delay : readTime(nameOf('retryDelay'), retryDelay),
    when: retries === undefined ? retry.when : 'always',
  }
}

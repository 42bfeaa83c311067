import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { VERSION } from '../version.js'
import { shortErrors } from './command-errors.js'

/** The most worker threads that `--workers` may ask for. */
export const MAX_WORKERS = 256

/** The options as they were written, not yet checked. */
export interface RawOptions {
  readonly root: string
  readonly host: string
  readonly port: string
  readonly unix?: string
  readonly anonymous?: string
  readonly tls?: string
  readonly insecure: boolean
  readonly users?: string
  readonly workers: string
  readonly grace: string
  readonly loginTimeout: string
  readonly idleTimeout: string
  readonly stallTimeout: string
  readonly keepDigests: boolean
  readonly maxConnections: string
  readonly maxConnectionsPerIp: string
  readonly keepPartials: string
  readonly limitRate: string
  readonly proxyProtocol?: string
  readonly maxFailedLogins: string
  readonly banTime: string
  readonly metrics?: string
  readonly control?: string
  readonly logFormat?: string
  readonly logLevel: string
}

/** Defaults of options that are not given. */
export const DEFAULT_OPTIONS: RawOptions = {
  root: '.',
  host: '127.0.0.1',
  port: '9021',
  workers: String(Math.min(availableParallelism(), MAX_WORKERS)),
  grace: '30',
  loginTimeout: '10',
  idleTimeout: '300',
  stallTimeout: '60',
  keepDigests: true,
  insecure: false,
  maxConnections: '10000',
  maxConnectionsPerIp: '1000',
  keepPartials: '7d',
  limitRate: 'none',
  maxFailedLogins: '10',
  banTime: '15m',
  logLevel: 'info',
}

/**
 * The rows of all options. The variables and the keys of the configuration file are made from them as well. Parsing
 * throws CommanderError if there is nothing to serve: --help or --version has been answered on stdout, or the message
 * on stderr says what is wrong.
 */
export function optionsCommand(): Command {
  return shortErrors(new Command('ftpd'))
    .description(
      'Serve a folder: every transfer checked, nothing half-written ever visible. The word serve may be left out.',
    )
    .usage('[serve] [options] [ROOT]')
    .argument('[ROOT]', 'the folder to serve (default: the current one; env: FTPD_ROOT)')
    .addOption(setting('--config <FILE>', 'a file in TOML with options; see ftpd check --help'))
    .addOption(setting('--host <HOST>', 'address to listen on', DEFAULT_OPTIONS.host))
    .addOption(setting('--port <PORT>', 'port to listen on; 0 picks a free one', DEFAULT_OPTIONS.port))
    .addOption(setting('--unix <PATH>', 'listen on a Unix socket instead'))
    .addOption(
      setting(
        '--anonymous <ACCESS>',
        'what visitors without an account may do: none, read or write (default: write on loopback while there is no user, else none)',
      ),
    )
    .addOption(
      setting(
        '--tls <HOW>',
        'off, auto (makes and keeps a self-signed certificate), or the PEM files CERT,KEY (default: off on loopback, else auto)',
      ),
    )
    .addOption(
      // It has no variable, because commander takes FTPD_INSECURE=0 for yes.
      new Option(
        '--insecure',
        'let others than this machine in without TLS, or without a login to write',
      ).default(false, 'off'),
    )
    .addOption(
      setting(
        '--users <FILE>',
        'who may log in; see ftpd user --help (default: users.json in ~/.config/jftp)',
      ),
    )
    .addOption(
      setting('--workers <N>', 'worker threads; 0 serves on the event loop alone', DEFAULT_OPTIONS.workers),
    )
    .addOption(
      setting(
        '--grace <SECONDS>',
        'how long transfers may go on after SIGINT or SIGTERM',
        DEFAULT_OPTIONS.grace,
      ),
    )
    .addOption(
      setting('--login-timeout <SECONDS>', 'how long a client has to log in', DEFAULT_OPTIONS.loginTimeout),
    )
    .addOption(
      setting(
        '--idle-timeout <SECONDS>',
        'how long a client may stay without a request',
        DEFAULT_OPTIONS.idleTimeout,
      ),
    )
    .addOption(
      setting(
        '--stall-timeout <SECONDS>',
        'how long a transfer may wait for a client that neither sends nor reads',
        DEFAULT_OPTIONS.stallTimeout,
      ),
    )
    .addOption(
      setting(
        '--max-connections <N>',
        'connections at once; fewer if ulimit -n allows fewer',
        DEFAULT_OPTIONS.maxConnections,
      ),
    )
    .addOption(
      setting(
        '--max-connections-per-ip <N>',
        'connections at once from one address (of IPv6: one /64)',
        DEFAULT_OPTIONS.maxConnectionsPerIp,
      ),
    )
    .addOption(
      setting(
        '--limit-rate <RATE>',
        'bytes per second of all sessions together, both ways: 500k, 10M, 1.5MiB',
        DEFAULT_OPTIONS.limitRate,
      ),
    )
    .addOption(
      setting(
        '--proxy-protocol <ADDRESSES>',
        'load balancers whose connections begin with a PROXY header, version 2: 192.0.2.1,10.0.0.0/8',
      ),
    )
    .addOption(
      setting(
        '--max-failed-logins <N>',
        'failed logins after which an address (of IPv6: a /64) is banned; 0 neither delays nor bans',
        DEFAULT_OPTIONS.maxFailedLogins,
      ),
    )
    .addOption(
      setting('--ban-time <TIME>', 'how long an address is banned: 15m, 12h', DEFAULT_OPTIONS.banTime),
    )
    .addOption(
      setting('--metrics <[HOST:]PORT>', 'answer /metrics, /healthz and /readyz over HTTP; HOST: 127.0.0.1'),
    )
    .addOption(
      setting(
        '--control <PATH>',
        'socket for ftpd status and kick; none makes none (default: in $XDG_RUNTIME_DIR or ~/.local/state)',
      ),
    )
    .addOption(setting('--log-format <FORMAT>', 'pretty or json (default: pretty on a terminal, else json)'))
    .addOption(
      setting('--log-level <LEVEL>', 'trace, debug, info, warn, error or silent', DEFAULT_OPTIONS.logLevel),
    )
    .option('--no-keep-digests', 'digest each file anew, and do not keep digests in ROOT/.jftp/digests')
    .addOption(
      setting(
        '--keep-partials <TIME>',
        'how long what came of a cut upload is kept to be continued: 7d, 12h, 30m; 0 keeps none',
        DEFAULT_OPTIONS.keepPartials,
      ),
    )
    .addHelpText('after', NOTES)
    .version(`ftpd ${VERSION}`, '-V, --version', 'print the version')
}

const NOTES = `
Who may log in: ftpd user --help, ftpd token --help
About a running ftpd: ftpd status --help, ftpd kick --help, ftpd unban --help
To check options and a configuration file: ftpd check --help
The fingerprint of the TLS certificate: ftpd fingerprint --help`

/** An option with a value. It has a variable as well, FTPD_LIMIT_RATE for --limit-rate; the option wins over it. */
function setting(flags: string, description: string, byDefault?: string): Option {
  const option = new Option(flags, description)
  if (byDefault !== undefined) option.default(byDefault)
  return option.env(`FTPD_${option.name().replaceAll('-', '_').toUpperCase()}`)
}

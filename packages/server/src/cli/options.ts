import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { VERSION } from '../version.js'

/** The most worker threads that `--workers` may ask for. */
export const MAX_WORKERS = 256

/** The command line as it was written, not yet checked. */
export interface RawOptions {
  readonly root: string
  readonly host: string
  readonly port: string
  readonly unix?: string
  readonly anonymous: string
  readonly workers: string
  readonly grace: string
  readonly loginTimeout: string
  readonly idleTimeout: string
  readonly stallTimeout: string
  readonly keepDigests: boolean
  readonly maxConnections: string
  readonly maxConnectionsPerIp: string
  readonly keepPartials: string
  readonly logFormat?: string
  readonly logLevel: string
}

/** Defaults of options that are not given. */
export const DEFAULT_OPTIONS: RawOptions = {
  root: '.',
  host: '127.0.0.1',
  port: '9021',
  anonymous: 'write',
  workers: String(Math.min(availableParallelism(), MAX_WORKERS)),
  grace: '30',
  loginTimeout: '10',
  idleTimeout: '300',
  stallTimeout: '60',
  keepDigests: true,
  maxConnections: '10000',
  maxConnectionsPerIp: '1000',
  keepPartials: '7d',
  logLevel: 'info',
}

/**
 * Throws CommanderError if there is nothing to serve: --help or --version has been answered on stdout, or the
 * message on stderr says what is wrong.
 */
export function parseOptions(argv: readonly string[]): RawOptions {
  const program = new Command('ftpd')
    .description('Serve a folder: every transfer checked, nothing half-written ever visible.')
    .usage('[serve] [options] [ROOT]')
    .argument('[ROOT]', 'the folder to serve', DEFAULT_OPTIONS.root)
    .option('--host <HOST>', 'address to listen on', DEFAULT_OPTIONS.host)
    .option('--port <PORT>', 'port to listen on; 0 picks a free one', DEFAULT_OPTIONS.port)
    .option('--unix <PATH>', 'listen on a Unix socket instead')
    .option('--anonymous <ACCESS>', 'what anonymous may do: read, or write too', DEFAULT_OPTIONS.anonymous)
    .option('--workers <N>', 'worker threads; 0 serves on the event loop alone', DEFAULT_OPTIONS.workers)
    .option(
      '--grace <SECONDS>',
      'how long transfers may go on after SIGINT or SIGTERM',
      DEFAULT_OPTIONS.grace,
    )
    .option('--login-timeout <SECONDS>', 'how long a client has to log in', DEFAULT_OPTIONS.loginTimeout)
    .option(
      '--idle-timeout <SECONDS>',
      'how long a client may stay without a request',
      DEFAULT_OPTIONS.idleTimeout,
    )
    .option(
      '--stall-timeout <SECONDS>',
      'how long a transfer may wait for a client that neither sends nor reads',
      DEFAULT_OPTIONS.stallTimeout,
    )
    .option(
      '--max-connections <N>',
      'connections at once; fewer if ulimit -n allows fewer',
      DEFAULT_OPTIONS.maxConnections,
    )
    .option(
      '--max-connections-per-ip <N>',
      'connections at once from one address (of IPv6: one /64)',
      DEFAULT_OPTIONS.maxConnectionsPerIp,
    )
    .option('--no-keep-digests', 'digest each file anew, and do not keep digests in ROOT/.jftp/digests')
    .addOption(
      new Option(
        '--keep-partials <TIME>',
        'how long what came of a cut upload is kept to be continued: 7d, 12h, 30m; 0 keeps none',
      )
        .default(DEFAULT_OPTIONS.keepPartials)
        .env('FTPD_KEEP_PARTIALS'),
    )
    .option('--log-format <FORMAT>', 'pretty or json (default: pretty on a terminal, else json)')
    .option('--log-level <LEVEL>', 'trace, debug, info, warn, error or silent', DEFAULT_OPTIONS.logLevel)
    .version(`ftpd ${VERSION}`, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: (.*?)\.?\n$/, 'ftpd: $1; see ftpd --help\n')),
    })
  program.parse(argv[0] === 'serve' ? argv.slice(1) : argv, { from: 'user' })
  return { ...program.opts<Omit<RawOptions, 'root'>>(), root: program.processedArgs[0] as string }
}

import { availableParallelism } from 'node:os'
import { Command } from 'commander'

/** The command line as it was written, not yet checked. */
export interface RawOptions {
  readonly root: string
  readonly host: string
  readonly port: string
  readonly unix?: string
  readonly workers: string
  readonly grace: string
  readonly logFormat?: string
  readonly logLevel: string
}

/** Throws CommanderError, the message already on stderr, for what is no option. */
export function parseOptions(argv: readonly string[]): RawOptions {
  const program = new Command('ftpd')
    .description('Serve a folder: every transfer checked, nothing half-written ever visible.')
    .usage('[serve] [options] [ROOT]')
    .argument('[ROOT]', 'the folder to serve', '.')
    .option('--host <HOST>', 'address to listen on', '127.0.0.1')
    .option('--port <PORT>', 'port to listen on; 0 picks a free one', '9021')
    .option('--unix <PATH>', 'listen on a Unix socket instead')
    .option(
      '--workers <N>',
      'worker threads; 0 serves on the event loop alone',
      String(availableParallelism()),
    )
    .option('--grace <SECONDS>', 'how long transfers may go on after SIGINT or SIGTERM', '30')
    .option('--log-format <FORMAT>', 'pretty or json (default: pretty on a terminal, else json)')
    .option('--log-level <LEVEL>', 'trace, debug, info, warn, error or silent', 'info')
    .option('-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: (.*?)\.?\n$/, 'ftpd: $1; see ftpd --help\n')),
    })
  program.parse(argv[0] === 'serve' ? argv.slice(1) : argv, { from: 'user' })
  return { ...program.opts<Omit<RawOptions, 'root'>>(), root: program.processedArgs[0] as string }
}

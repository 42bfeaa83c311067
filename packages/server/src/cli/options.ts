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
  let parsed: RawOptions | undefined
  const program = new Command('ftpd')
    .description('Serve a folder over jftp: every transfer checked, nothing half-written ever visible.')
    .exitOverride()
    .showHelpAfterError('(see ftpd --help)')
    .option('-V, --version', 'print the version')
  program
    .command('serve', { isDefault: true })
    .description('serve a folder until SIGINT or SIGTERM')
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
    .action((root: string, options: Omit<RawOptions, 'root'>) => {
      parsed = { ...options, root }
    })
  program.parse(argv, { from: 'user' })
  if (parsed === undefined) throw new Error('commander ran no command')
  return parsed
}

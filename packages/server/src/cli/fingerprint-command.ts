import { Command } from 'commander'
import { loadCertificate } from '../tls/certificate.js'
import { readTlsSettings } from '../tls/tls-settings.js'
import { UsageError } from '../usage-error.js'
import { shortErrors } from './command-errors.js'

/** `ftpd fingerprint`: prints what clients pin. Its action throws UsageError. */
export function fingerprintCommand(): Command {
  return shortErrors(new Command('ftpd fingerprint'))
    .description(
      'Print the SHA-256 fingerprint of the TLS certificate, as ftp --pin takes it. A self-signed one is made if there is none.',
    )
    .option(
      '--tls <HOW>',
      'auto, or the PEM files CERT,KEY (env: FTPD_TLS)',
      process.env['FTPD_TLS'] || 'auto',
    )
    .allowExcessArguments(false)
    .action(async ({ tls }: { tls: string }) => {
      const settings = readTlsSettings(tls, process.env)
      if (settings.type === 'off') throw new UsageError('with --tls off there is no certificate')
      const { fingerprint } = await loadCertificate(settings)
      console.log(fingerprint)
    })
}

import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { isRemoteUrl } from '../locations/server-address.js'
import { defineCommand } from './command.js'

export const user = defineCommand({
  dryRun: 'runs',
  // More than one is refused below, because a message must not repeat a password.
  arguments: [{ name: 'NAME|URL', takes: 'any', kinds: [['url']] }],
  usage: '[NAME|URL]',
  flags: {},
  notes: [
    'NAME is a user on the server that is open; a URL names another server: jftp://NAME@host/.',
    'The password is asked for, or comes from $FTP_PASSWORD, $FTP_PASSWORD_FILE, --password-file or --password-stdin.',
    'A token ($FTP_TOKEN, --token-file) or an SSH key ($FTP_KEY, --key, ssh-agent) does as well.',
    'Without an argument it says who is logged in.',
  ],
  async run({ remote, output, settings, signal }, args) {
    if (args.length > 1) {
      throw new FtpError('usage', 'user takes one name and no password: that is asked for')
    }
    const [who = settings.user] = args
    if (who !== undefined && isRemoteUrl(who)) await remote.open(who, signal)
    else if (who !== undefined) await remote.logIn(who, signal)
    const { client } = await remote.connected(signal)
    await client.ready
    await output.answer(printable(client.user))
    await output.event({ v: 1, event: 'user', user: client.user, home: client.home })
  },
})

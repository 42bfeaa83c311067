import { isRemoteUrl } from '../places/remote-session.js'
import { defineCommand } from './command.js'

export const open = defineCommand({
  arguments: [{ name: 'URL', takes: 'one', names: [['url']] }],
  flags: {},
  notes: ['URL is jftp://[user@]host[:port]/folder, or just the host. An open connection is replaced.'],
  async run({ remote, signal }, [url = '']) {
    await remote.open(remoteUrlOf(url), signal)
  },
})

/** `host`, `host:port`, `user@host/folder` or a whole URL, as a URL. */
export function remoteUrlOf(text: string): string {
  return isRemoteUrl(text) || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `jftp://${text}`
}

import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { defineCommand } from './command.js'
import type { Context } from './context.js'

export const bookmark = defineCommand({
  arguments: [
    { name: 'add|del|list', takes: 'maybe', kinds: [[]] },
    { name: 'NAME', takes: 'any', kinds: [['bookmark'], ['url']] },
  ],
  usage: '[list] | add NAME [URL] | del NAME…',
  flags: {},
  notes: [
    'A bookmark is a short name of a server and a folder, for open, for ftp itself and for --url:',
    '  bookmark add nas jftps://ann@nas.example/photos',
    '  bookmark add here      gives the name to the folder where you are',
    '  open nas',
    '  ftp nas            ftp ls --url nas        ftp bookmark list',
    'They are kept in $XDG_CONFIG_HOME/jftp/bookmarks.toml. A bookmark wins over a host of the same name.',
  ],
  async run(context, [action = 'list', ...args]) {
    switch (action) {
      case 'list':
        return list(context, args)
      case 'add':
        return add(context, args)
      case 'del':
      case 'remove':
        return remove(context, args)
      default:
        throw new FtpError('usage', `'${action}' is not add, del or list; 'help bookmark' has examples`)
    }
  },
})

async function list({ bookmarks, output }: Context, [extra]: readonly string[]): Promise<void> {
  if (extra !== undefined) throw new FtpError('usage', `'${extra}' is one argument too many: bookmark list`)
  const all = await bookmarks.all()
  const width = Math.max(0, ...all.map(([name]) => name.length))
  for (const [name, url] of all) {
    await output.answer(printable(`${name.padEnd(width)}  ${url}`))
    await output.event({ v: 1, event: 'bookmark', name, url })
  }
}

async function add({ bookmarks, remote, output, signal }: Context, args: readonly string[]): Promise<void> {
  const [name, typed, extra] = args
  if (name === undefined || extra !== undefined) throw new FtpError('usage', 'bookmark add takes NAME [URL]')
  if (typed === undefined) await remote.connected(signal)
  const url = await bookmarks.add(name, typed ?? remote.url ?? '')
  await output.event({ v: 1, event: 'bookmark', name, url })
}

async function remove({ bookmarks }: Context, names: readonly string[]): Promise<void> {
  if (names.length === 0) throw new FtpError('usage', 'bookmark del takes NAME…')
  for (const name of names) {
    if (!(await bookmarks.remove(name))) {
      throw new FtpError('not-found', `there is no bookmark '${name}'; 'bookmark list' lists them`)
    }
  }
}

import { parseModeChange } from '../text/file-mode.js'
import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const chmod = defineCommand({
  arguments: [
    { name: 'MODE', takes: 'one', isNew: true, kinds: [[]] },
    { name: 'FILE', takes: 'some', kinds: [['remote']] },
  ],
  flags: {},
  notes: [
    'MODE is octal like 644, or like u+x, go-w, a=rX or g=u, several joined by commas.',
    'Write a MODE that begins with a dash after --: chmod -- -w FILE.',
  ],
  async run(context, [mode = '', ...files]) {
    const change = parseModeChange(mode)
    const { signal } = context
    await forEachRemote(context, files, async ({ client, path }) => {
      const entry = isOctal(mode)
        ? { type: 'file' as const }
        : await client.stat(path, { links: 'follow', signal })
      await client.chmod(path, change(entry), { signal })
    })
  },
})

/** Then nobody needs to know what it was. */
function isOctal(mode: string): boolean {
  return /^\d/.test(mode)
}

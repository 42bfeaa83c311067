import type { RemoteEntry } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { formatMode, formatTime } from '../output/listing.js'
import { formatBytes, formatCount } from '../text/quantity.js'
import { defineCommand } from './command.js'

export const stat = defineCommand({
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {},
  async run({ remote, output, settings, signal }, files) {
    for (const [index, file] of files.entries()) {
      const { client, path } = await remote.resolve(file, signal)
      const entry = await client.stat(path, { signal })
      if (settings.format === 'json') {
        await output.event({ v: 1, event: 'entry', ...entry })
        continue
      }
      if (index > 0) await output.answer('')
      for (const line of describeEntry(entry)) await output.answer(line)
    }
  },
})

function describeEntry(entry: RemoteEntry): string[] {
  const { path, type, size, mtime, mode, target } = entry
  const units = size < 1000 ? '' : ` (${formatBytes(size)})`
  return [
    `path      ${printable(path)}`,
    `type      ${type === 'directory' ? 'folder' : type}`,
    ...(target === undefined ? [] : [`target    ${printable(target)}`]),
    `size      ${formatCount(size, 'byte')}${units}`,
    `modified  ${formatTime(mtime)}`,
    ...(mode === undefined ? [] : [`mode      ${formatMode(entry)} (${mode.toString(8).padStart(4, '0')})`]),
  ]
}

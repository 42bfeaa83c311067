import type { RemoteEntry } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import { formatMode, formatTime } from '../output/listing.js'
import { formatBytes, formatCount } from '../text/quantity.js'
import { defineCommand } from './command.js'

export const stat = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'FILE', takes: 'some', kinds: [['remote']] }],
  flags: {},
  async run({ remote, output, settings, signal }, files) {
    const failures: unknown[] = []
    let described = 0
    for (const file of files) {
      let entry: RemoteEntry
      try {
        const { client, path } = await remote.resolve(file, signal)
        entry = await client.stat(path, { signal })
      } catch (error) {
        failures.push(error)
        continue
      }
      if (settings.format === 'json') {
        await output.event({ v: 1, event: 'entry', ...entry })
        continue
      }
      if (described++ > 0) await output.answer('')
      for (const line of describeEntry(entry)) await output.answer(line)
    }
    throwFailures(failures)
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
